"""The orientation that a photograph's header asks for."""

from PIL import Image

from mdetools.datasets.doctor.frame import Frame

__all__ = ["exif_orientation"]

ORIENTATION, UPRIGHT = 0x0112, 1
JPEG = (".jpg", ".jpeg")


def exif_orientation(frame: Frame) -> dict:
    """`exif`: the EXIF orientation of the frame's JPEG that is not the usual 1, if there is one."""
    for file in frame.files:
        if file.lower().endswith(JPEG):
            try:
                with Image.open(file) as image:
                    orientation = image.getexif().get(ORIENTATION, UPRIGHT)
            except (OSError, ValueError, SyntaxError):  # a header that Pillow does not like says nothing
                continue
            if orientation != UPRIGHT:
                return {"exif": int(orientation)}
    return {}
