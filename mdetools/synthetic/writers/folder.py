"""A data set's folder, which holds the settings that its files were made with."""

import json
from pathlib import Path

from mdetools.errors import UserError
from mdetools.files import write_text

__all__ = ["claim"]

MARKER = "synthetic.json"


def claim(root: Path, settings: dict) -> None:
    """Marks the folder as the data set's of these settings, unless it is another's.

    Raises:
        UserError: if the folder holds anything else, or cannot be written to.
    """
    marker, text = root / MARKER, json.dumps(settings, indent=2) + "\n"
    if marker.is_file():
        found = marker.read_text()
        if found != text:
            raise UserError(
                f"{root}: holds a data set made with {' '.join(found.split())}, not {json.dumps(settings)}; "
                "choose another folder, or delete this one"
            )
        return
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UserError(f"{root}: holds other data; choose a new or an empty folder")
    write_text(marker, text, advice="choose another folder")
