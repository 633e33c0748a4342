"""The official images and depths of NYU Depth V2, `nyu_depth_v2_labeled.mat`."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mdetools.datasets.readers.file_handle import FileHandle
from mdetools.datasets.readers.hdf5 import FIX_HDF5, check_packed, open_hdf5, reading_hdf5, require_arrays
from mdetools.errors import UserError
from mdetools.reading import check_size

if TYPE_CHECKING:
    import h5py

__all__ = ["LabeledMatFile"]


def open_checked(path: Path, names: tuple[str, ...]) -> "h5py.File":
    """Opens an HDF5 file whose large arrays are read in parts: what is packed in them is looked at once."""
    file = open_hdf5(path)
    for array in require_arrays(file, names, path):
        check_packed(array)
    return file


class LabeledMatFile:
    """Reads images and depths of `nyu_depth_v2_labeled.mat`: HDF5 with MATLAB's reversed axes.

    Args:
        path: of the file; it is opened on the first read of each process.
        depths: name of the array of depths: `rawDepths`, or `depths`, the in-painted ones.
    """

    def __init__(self, path: Path, depths: str) -> None:
        self.path = path
        self.names = ("images", depths)
        self.handle = FileHandle(partial(open_checked, path, self.names))

    def read(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Reads one image and its depth.

        Args:
            number: of the image, counted from 1, as `splits.mat` counts.

        Returns:
            the image (H, W, 3) and the depth (H, W) in metres, of the file's types.

        Raises:
            UserError: if the file is damaged, lacks one of the two arrays, or has too few of them.
        """
        name = f"{self.path} (image {number})"
        with reading_hdf5(name):
            file = self.handle.get()
            images, depths = require_arrays(file, self.names, self.path)
            count = min(len(images), len(depths))
            if number > count:
                raise UserError(
                    f"{self.path}: has {count} images with depth, expected {number} or more, as splits.mat names "
                    f"image {number}; {FIX_HDF5}"
                )
            if images.ndim != 4 or depths.ndim != 3:
                raise UserError(
                    f"{name}: image {images.shape[1:]} and depth {depths.shape[1:]}, expected (3, W, H), (W, H); "
                    f"{FIX_HDF5}"
                )
            for array in (images, depths):
                check_size(array.nbytes // len(array), name)
            image, depth = images[number - 1], depths[number - 1]
        return np.ascontiguousarray(image.transpose(2, 1, 0)), np.ascontiguousarray(depth.T)
