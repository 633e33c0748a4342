"""Where panels go: into one sheet, or into a folder, a file for each."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from mdetools.engine.process.preflight import check_output_file, check_output_folder, check_replaced
from mdetools.visualization import picture_name, stack_panels, with_footer, write_image

__all__ = ["check_output", "is_sheet", "write_panels"]

SHEETS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


def is_sheet(out: str) -> bool:
    """Whether an `--out` means one file, by its ending; else it means a folder."""
    return Path(out).suffix.lower() in SHEETS


def check_output(out: str, overwrite: bool = False) -> None:
    """Checks, before any work, that `--out` can be written.

    Raises:
        UserError: if it cannot, or is a sheet that is there and is not to be replaced.
    """
    if is_sheet(out):
        check_output_file(out, "--out")
        check_replaced([out], overwrite)
    else:
        check_output_folder(out, "--out")


def write_panels(
    out: str,
    panels: Iterable[tuple[str, np.ndarray]],
    footer: Callable[[], str] = lambda: "",
    overwrite: bool = False,
) -> list[str]:
    """Writes panels, one below the other in one file, or each in a file of its own as soon as it is drawn.

    Args:
        out: a file with the ending of a picture, or a folder.
        panels: names, such as ids of samples, and pictures uint8 (H, W, 3), RGB.
        footer: gives the text below each file, once its panels are drawn.
        overwrite: replace pictures of an earlier run.

    Returns:
        A line for each file.

    Raises:
        UserError: if one cannot be written, or is there and is not to be replaced.
    """
    if is_sheet(out):
        drawn = [panel for _, panel in panels]
        write_image(out, with_text(stack_panels(drawn), footer()))
        return [f"{out}: {len(drawn)} {'row' if len(drawn) == 1 else 'rows'}"]
    lines = []
    for number, (name, panel) in enumerate(panels):
        place = Path(out, f"{number:03d}_{picture_name(name)}.png")  # one id may come twice
        check_replaced([place], overwrite)
        write_image(place, with_text(panel, footer()))
        lines.append(str(place))
    return lines


def with_text(panel: np.ndarray, text: str) -> np.ndarray:
    """A panel with a text below it, if there is one."""
    return with_footer(panel, text) if text else panel
