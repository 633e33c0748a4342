"""The official files of NYU Depth V2: `nyu_depth_v2_labeled.mat` and `splits.mat`."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mdetools.datasets.readers.file_handle import FileHandle
from mdetools.datasets.readers.hdf5 import FIX_HDF5, reading_hdf5, require_arrays
from mdetools.errors import UserError, one_line

if TYPE_CHECKING:
    import h5py

__all__ = ["LabeledMatFile", "read_mat_split"]


def open_hdf5(path: Path) -> "h5py.File":
    """Opens an HDF5 file for reading."""
    import h5py

    return h5py.File(path, "r")


class LabeledMatFile:
    """Reads images and depths of `nyu_depth_v2_labeled.mat`: HDF5 with MATLAB's reversed axes.

    Args:
        path: of the file; it is opened on the first read of each process.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.handle = FileHandle(partial(open_hdf5, path))

    def read(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Reads one image and its in-painted depth.

        Args:
            number: of the image, counted from 1, as `splits.mat` counts.

        Returns:
            the image (H, W, 3) as the file has it, and float32 depth (H, W) in metres.

        Raises:
            UserError: if the file is damaged, lacks `images` or `depths`, or has too few of them.
        """
        name = f"{self.path} (image {number})"
        with reading_hdf5(name):
            file = self.handle.get()
            images, depths = require_arrays(file, ("images", "depths"), self.path)
            count = min(len(images), len(depths))
            if number > count:
                raise UserError(
                    f"{self.path}: has {count} images with depth, expected {number} or more, as splits.mat names "
                    f"image {number}; {FIX_HDF5}"
                )
            image, depth = images[number - 1], depths[number - 1]  # (3, W, H), (W, H)
        if image.ndim != 3 or depth.ndim != 2:
            raise UserError(
                f"{name}: image {image.shape} and depth {depth.shape}, expected (3, W, H), (W, H); {FIX_HDF5}"
            )
        return np.ascontiguousarray(image.transpose(2, 1, 0)), np.ascontiguousarray(depth.T, dtype=np.float32)


def read_mat_split(path: Path, key: str) -> list[int]:
    """The 1-based image numbers that `splits.mat` holds under `key`.

    Raises:
        UserError: if the file cannot be read or lacks the key.
    """
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    try:
        content = loadmat(path)
    except (MatReadError, ValueError, OSError, NotImplementedError) as error:
        raise UserError(f"{path}: not a readable .mat file ({one_line(error)}); copy it again") from error
    if key not in content:
        raise UserError(f"{path}: no '{key}' in the file, expected trainNdxs and testNdxs; copy it again")
    numbers = content[key].ravel()
    if not numbers.size or not np.issubdtype(numbers.dtype, np.number) or not (numbers >= 1).all():
        raise UserError(
            f"{path}: '{key}' is {numbers.dtype} {numbers[:3]}..., expected image numbers from 1; copy it again"
        )
    return [int(number) for number in numbers]
