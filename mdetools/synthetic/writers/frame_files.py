"""The files of a frame: written whole, and known to be whole where they are there already."""

import sys
import zipfile
from pathlib import Path

import numpy as np

from mdetools.files import replacing

__all__ = ["PNG_END", "read_whole", "write_arrays", "write_content"]

PNG_END = b"IEND\xaeB`\x82"
ENDS = {".jpg": b"\xff\xd9", ".png": PNG_END}  # a file that was cut short does not have


def write_content(path: Path, content: bytes) -> None:
    """Writes a file, to a temporary name first."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Writes a compressed `.npz`, likewise."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)


def read_whole(images: tuple[Path, ...], arrays: Path, names: tuple[str, ...]) -> dict[str, np.ndarray] | None:
    """The arrays of a frame that an earlier run has written; None if it is to be written, which a line tells of files.

    Args:
        images: its `.jpg` and `.png` files, which have to end as such do.
        arrays: its `.npz`.
        names: of arrays that it has to hold.
    """
    if not all(path.is_file() for path in (*images, arrays)):
        return None
    try:
        with np.load(arrays) as file:
            found = {name: file[name] for name in names}
        if all(path.read_bytes().endswith(ENDS[path.suffix]) for path in images):
            return found
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        pass
    sys.stderr.write(f"{images[0]}: it or what belongs to it could not be read; all of the frame is written again\n")
    return None
