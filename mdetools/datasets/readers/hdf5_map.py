"""A map in an HDF5 file."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mdetools.datasets.readers.hdf5 import open_hdf5, read_h5, reading_hdf5
from mdetools.datasets.readers.naming import choose_array

if TYPE_CHECKING:
    import h5py

__all__ = ["read_hdf5_map"]


def read_hdf5_map(path: str | Path, key: str | None = None) -> np.ndarray:
    """One array of an HDF5 file: that of the path `key` in it, or else `depth`, or else the only one at the top.

    Raises:
        UserError: if the file cannot be read, lacks the array, or that is not fit to be read, see `read_h5`.
    """
    if key is None:
        with reading_hdf5(str(path)), open_hdf5(path) as file:
            key = choose_array(arrays_in(file), None, path)
    return read_h5(str(path), (key,))[0]


def arrays_in(file: "h5py.File") -> list[str]:
    """The names of the arrays at the top of an open file, links left out."""
    from h5py import Dataset, HardLink

    own = [name for name in file if isinstance(file.get(name, getlink=True), HardLink)]
    return [name for name in own if file.get(name, getclass=True) is Dataset]
