"""The folder of pseudo-labels, which says what its files were made with."""

import json
from pathlib import Path

from mdetools.engine.process.work_dir_lock import LOCK_FILE
from mdetools.errors import UserError, one_line
from mdetools.files import LEFTOVER, write_text
from mdetools.reading import read_bytes

__all__ = ["MARKER", "check_folder", "mark_folder"]

MARKER = "pseudo_labels.json"

OTHERWISE = "choose another folder, or delete this one"


def check_folder(out: Path, settings: dict) -> None:
    """Checks that a folder is new, empty, or one of pseudo-labels of these very settings.

    Args:
        out: the folder.
        settings: plain data.

    Raises:
        UserError: if it holds anything else; it names the first setting that differs.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise UserError(f"{out}: is no folder, expected one for the pseudo-labels; choose another path")
    marker = out / MARKER
    if not marker.is_file():
        names = (path.name for path in out.iterdir())
        other = next((name for name in names if name != LOCK_FILE and not LEFTOVER.fullmatch(name)), None)
        if other is not None:
            raise UserError(f"{out}: holds other files ('{other}'), expected a new or an empty folder; choose another")
        return
    found = read_marker(marker)
    expected = json.loads(json.dumps(settings))
    for name in {**expected, **found}:
        there, here = found.get(name), expected.get(name)
        if there != here:
            raise UserError(
                f"{out}: holds pseudo-labels of another {name} ({one_line(difference(there, here), 300)}); {OTHERWISE}"
            )


def read_marker(marker: Path) -> dict:
    """The settings that a folder's files were made with."""
    content = read_bytes(marker, "the settings of pseudo-labels")
    try:
        found = json.loads(content)
    except (json.JSONDecodeError, UnicodeDecodeError):
        found = None
    if not isinstance(found, dict):
        raise UserError(f"{marker}: cannot be read as the settings of pseudo-labels; {OTHERWISE}")
    return found


def difference(there: object, here: object, path: str = "") -> str:
    """The first place at which two settings differ, in words."""
    if isinstance(there, dict) and isinstance(here, dict):
        name = next(name for name in {**here, **there} if there.get(name) != here.get(name))
        return difference(there.get(name), here.get(name), f"{path}.{name}" if path else name)
    return f"{path}{': ' if path else ''}{there} there, {here} now"


def mark_folder(out: Path, settings: dict) -> None:
    """Writes the settings into a folder that `check_folder` has passed.

    Raises:
        UserError: if it cannot be written to.
    """
    text = json.dumps(settings, indent=2) + "\n"
    write_text(out / MARKER, text, advice="choose another folder", durable=True)
