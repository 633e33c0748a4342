"""Pictures as files: one name per image, written whole or not at all."""

import hashlib
import os
import re
from pathlib import Path

import cv2
import numpy as np

from mdetools.errors import UserError
from mdetools.files import replacing

__all__ = ["picture_name", "write_image"]

LONGEST = 180  # bytes of a name before its suffix; file systems take 255 in all
RESERVED = ("overview",)  # what is written beside the pictures of single images


def picture_name(image_id: str) -> str:
    """A name for a file that no other id gets, in any process: what may not stand in one becomes `_`.

    An id of folders without `_` keeps its words alone. Every other one ends in digits that its characters give, since
    several ids have the same words.

    >>> picture_name("redkitchen/00012")
    'redkitchen_00012'
    >>> picture_name("red kitchen/00012"), picture_name("red_kitchen/00012")
    ('red_kitchen_00012-2e8895d3', 'red_kitchen_00012-63b6b6cc')

    Args:
        image_id: a sample's `meta["id"]`, any text.
    """
    words = re.sub(r"[^\w.-]", "_", image_id).lstrip(".")
    name = words.encode()[:LONGEST].decode(errors="ignore")
    if name and "_" not in image_id and name == image_id.replace("/", "_") and name not in RESERVED:
        return name
    return f"{name}-{hashlib.sha256(os.fsencode(image_id)).hexdigest()[:8]}"


def write_image(path: str | Path, image: np.ndarray) -> None:
    """Writes a picture in the format that the name's ending says; the folder is made if missing.

    Args:
        path: where to, such as `panel.png`.
        image: uint8 (H, W, 3), RGB.

    Raises:
        UserError: if the ending names no format, or the file cannot be written.
    """
    ending = Path(path).suffix
    try:
        encoded = cv2.imencode(ending, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1]
    except cv2.error as error:
        raise UserError(f"{path}: '{ending}' is no ending of a picture, expected e.g. .png or .jpg") from error
    with replacing(path, "{cure}, or choose another folder") as temporary:
        temporary.write_bytes(encoded.tobytes())
