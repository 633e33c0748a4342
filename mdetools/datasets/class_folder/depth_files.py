"""Depth of images that have a class, as inverse depth."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mdetools.datasets.checks import check_relative
from mdetools.datasets.image_folder.labels import find_labels, read_label
from mdetools.datasets.readers.content import Source
from mdetools.datasets.readers.depth_file import read_depth_file
from mdetools.datasets.rgbd.depth_kinds import RELATIVE, to_metres
from mdetools.datasets.rgbd.sizes import to_common_size
from mdetools.errors import UserError, suggest

__all__ = ["DepthFiles", "ImageDepths"]

METRES = "depth"


@dataclass(frozen=True)
class DepthFiles:
    """How files of depth are read.

    Attributes:
        kind: "depth", metres, of which inverse depth is made, 0 where they are infinite; or "relative_inverse_depth",
            see `read_label`.
        scale: units per metre.
        key: name of the array in files that hold several.

    Raises:
        UserError: if there is no such kind, or the scale is not positive.
    """

    kind: str = METRES
    scale: float = 1.0
    key: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in (METRES, RELATIVE):
            raise UserError(f"depth_kind is '{self.kind}'; {suggest(self.kind, (METRES, RELATIVE))}")
        if not 0 < self.scale < np.inf:
            raise UserError(f"depth_scale is {self.scale}, expected the files' units per metre, such as 1000; set it")

    def of_images(self, folder: str, root: Path, names: Sequence[str]) -> "ImageDepths":
        """The files of all images.

        Args:
            folder: that holds them, from `root` or from here.
            root: of the images.
            names: of the images in `root`.

        Raises:
            UserError: if there is no such folder, or an image without a file.
        """
        inside = root / folder
        place = str(inside) if inside.is_dir() else folder
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of images without a file, which here are an error
            found = find_labels(place, names)
        without = [name for name, file in zip(names, found, strict=True) if file is None]
        if without:
            raise UserError(f"{place}: has no depth of {without[0]} ({len(without)} of {len(names)} images); add it")
        return ImageDepths(self, found)

    def read(self, source: Source) -> np.ndarray:
        """Inverse depth (H, W) in a file, float32, NaN in holes.

        Raises:
            UserError: if it cannot be read, or holds negative metres.
        """
        if self.kind == RELATIVE:
            return read_label(source, self.key)
        values = read_depth_file(source, self.key)
        metres = to_metres(values, METRES, self.scale, (0, "max", "nan"), path=str(source))
        if (metres < 0).any():
            raise UserError(
                f"{source}: depth has {(metres < 0).sum()} negative of {metres.size} values, expected metres with 0 "
                "where there is no measurement; set these to 0, or depth_kind"
            )
        return np.divide(np.float32(1), metres, out=np.full_like(metres, np.nan), where=metres > 0)


@dataclass(frozen=True)
class ImageDepths:
    """The depth file of each image."""

    files: DepthFiles
    sources: Sequence[Source]

    def read(self, index: int, image: np.ndarray) -> dict:
        """`inverse_depth` and `valid_mask` of an image (H, W, 3), brought to its size.

        Raises:
            UserError: if the file cannot be read, or shows something of another aspect.
        """
        path = str(self.sources[index])
        values = to_common_size(image, self.files.read(self.sources[index]), "image", path)[1]
        check_relative(values, path, image)
        valid = ~np.isnan(values)
        return {"inverse_depth": np.where(valid, values, np.float32(0)), "valid_mask": valid}
