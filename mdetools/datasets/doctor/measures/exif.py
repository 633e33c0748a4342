"""The orientation that a photograph's header asks for."""

from pathlib import Path

from PIL import Image

from mdetools.datasets.doctor.frame import Frame
from mdetools.reading import is_file

__all__ = ["JPEG", "exif_of", "exif_orientation"]

ORIENTATION, UPRIGHT = 0x0112, 1
JPEG = (".jpg", ".jpeg")


def exif_orientation(frame: Frame) -> dict:
    """`exif`: see `exif_of`."""
    return exif_of(frame.files)


def exif_of(files: list[str]) -> dict:
    """`exif`: the EXIF orientation of the first JPEG among files that has one other than the usual 1, if any."""
    for file in files:
        if file.lower().endswith(JPEG) and is_file(Path(file)):  # a pipe would be waited for
            try:
                with Image.open(file) as image:
                    orientation = image.getexif().get(ORIENTATION, UPRIGHT)
            except (OSError, ValueError, SyntaxError):  # a header that Pillow does not like says nothing
                continue
            if orientation != UPRIGHT:
                return {"exif": int(orientation)}
    return {}
