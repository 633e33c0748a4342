"""An image and its point pairs, as a working sample."""

from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from mdetools.datasets.readers.image import read_image
from mdetools.errors import UserError

__all__ = ["PairedImage", "pairs_sample"]


class PairedImage(NamedTuple):
    """What is annotated of one image."""

    image: str  # path, relative to the root or absolute
    pairs: np.ndarray  # float32 (N, 2, 2), (x, y) in pixels of the image, the closer point first
    places: tuple[str, ...]  # where each pair is written, for errors

    @property
    def scene(self) -> str:
        """The name of the image's folder; empty for one that lies in the root."""
        return PurePosixPath(self.image).parent.name


def pairs_sample(frame: PairedImage, root: Path) -> dict:
    """The working sample of an annotated image: `image`, `point_pairs`, and `meta` with its `scene`.

    The image is turned upright as its EXIF orientation says, since that is what those who point at it see.

    Raises:
        UserError: if the image cannot be read, or a point lies outside of it.
    """
    path = root / frame.image
    image = read_image(path, upright=True)
    height, width = image.shape[:2]
    outside = ((frame.pairs < 0) | (frame.pairs > (width - 1, height - 1))).any((1, 2))
    if outside.any():
        number = int(outside.argmax())
        (x1, y1), (x2, y2) = frame.pairs[number].tolist()
        raise UserError(
            f"{frame.places[number]}: the pair (x, y) = ({x1:g}, {y1:g}), ({x2:g}, {y2:g}) is not within {path}, which "
            f"is {height}x{width} upright; write rows and columns in the order of the format, or copy the image again"
        )
    identity = str(PurePosixPath(frame.image).with_suffix(""))
    meta = {"id": identity, "path": str(path), "scene": frame.scene}
    return {"image": image, "point_pairs": frame.pairs, "meta": meta}
