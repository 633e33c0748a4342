"""A map in MATLAB's .mat: of level 5 (`-v6`, `-v7`), or of `-v7.3`, which is HDF5 with reversed axes."""

from pathlib import Path

import numpy as np

from mdetools.datasets.readers.hdf5_map import read_hdf5_map
from mdetools.datasets.readers.mat_level5 import read_matrices
from mdetools.datasets.readers.naming import choose_array
from mdetools.reading import read_bytes, require_file

__all__ = ["read_mat"]


def read_mat(path: str | Path, key: str | None = None) -> np.ndarray:
    """One matrix of a .mat file: that of the name `key`, or else `depth`, or else the only one.

    Raises:
        UserError: if the file cannot be read, lacks the matrix, or that is too large.
    """
    from h5py import is_hdf5

    require_file(path, "a .mat file")
    if is_hdf5(path):
        return read_hdf5_map(path, key).T
    matrices = read_matrices(read_bytes(path, "a .mat file"), Path(path))
    usable = [name for name, values in matrices.items() if values.size]
    return matrices[choose_array(usable, key, path)]
