"""What a visitor takes home."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from mdetools.apis.demo.pictures import encoded, painted, reduced
from mdetools.apis.demo.view import View, as_seen
from mdetools.apis.inference.result import Result
from mdetools.apis.saving import formats_of
from mdetools.contract import QUANTITIES
from mdetools.errors import UserError

__all__ = ["DOWNLOADS", "Download", "content_of", "refusal"]

CLOUD = 1500  # points along the longer side, at most
EDGES = 0.05  # ratio of depth beside each other, beyond which there is an occlusion edge
ADVICE = {  # what the page offers, in place of the command line
    True: "a relative map has no metres, and without its scale and shift 1 / value bends every plane: enter both under "
    "'Camera and scale'",
    False: "disparity becomes metres with the baseline alone: enter it under 'Camera and scale'",
}


@dataclass(frozen=True)
class Download:
    """One kind of file.

    Attributes:
        label: on the page.
        hint: what is in it.
        suffix: of its name, after the picture's.
        media: its type.
    """

    label: str
    hint: str
    suffix: str
    media: str


DOWNLOADS = {
    "png": Download("PNG", "in colours", "_depth.png", "image/png"),
    "png16": Download("16-bit PNG", "values, scale in its text", "_16bit.png", "image/png"),
    "npy": Download("NPY", "float32, as predicted", ".npy", "application/octet-stream"),
    "ply": Download("PLY", "coloured points, metres", ".ply", "application/octet-stream"),
}


def refusal(result: Result) -> str:
    """Why no points are made of a result as seen; empty if they are."""
    if result.quantity == "depth":
        return ""
    quantity = QUANTITIES[result.quantity]
    return f"no point cloud: {ADVICE[quantity.relative]}"


def content_of(result: Result, view: View, kind: str, max_depth: float | None) -> bytes:
    """The content of a file.

    The values are those of the map, at its own size; of maps with sides above 1500 pixels every k-th goes into a cloud.

    Args:
        result: as predicted, with its picture.
        view: the settings.
        kind: a key of `DOWNLOADS`.
        max_depth: of the model, metres, which decides the scale of 16-bit files; None if it has none.

    Raises:
        UserError: if there is no such kind, or it cannot hold the map.
    """
    if kind not in DOWNLOADS:
        raise UserError(f"no file is called '{kind}'; one of: {', '.join(DOWNLOADS)}")
    seen = replace(as_seen(result, view), path=None)
    if kind == "png":
        return encoded(painted(seen, view), ".png")
    if kind == "ply":
        if refusal(seen):
            raise UserError(refusal(seen))
        seen = reduced(seen, CLOUD)
    derived = seen.quantity != result.quantity
    (written,) = formats_of([kind], None if derived else max_depth, EDGES if view.cut_edges else None)
    return through_file(lambda path: written.write(seen, path), written.suffix)


def through_file(write: Callable[[Path], None], suffix: str) -> bytes:
    """The content that a writer gives a file, which is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"result{suffix}")
        write(path)
        return path.read_bytes()
