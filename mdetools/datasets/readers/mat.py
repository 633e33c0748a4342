"""A matrix in MATLAB's .mat: by SciPy, which is imported on the first read; `-v7.3` is HDF5 with reversed axes."""

import io
import math
from pathlib import Path

import numpy as np

from mdetools.datasets.readers.hdf5_map import read_hdf5_map
from mdetools.datasets.readers.naming import choose_array
from mdetools.errors import UserError, one_line
from mdetools.reading import check_size, read_bytes, read_cure, require_file

__all__ = ["read_mat"]

HDF5 = b"\x89HDF\r\n\x1a\n"
NUMBERS = {"double": 8, "single": 4, **{f"{sign}int{8 * size}": size for sign in ("", "u") for size in (1, 2, 4, 8)}}
START = 520  # bytes: MATLAB puts 512 of its own before those of HDF5


def read_mat(path: str | Path, key: str | None = None) -> np.ndarray:
    """One matrix of a .mat file: that of the name `key`, or else `depth`, or else the only one.

    Raises:
        UserError: if the file cannot be read, lacks the matrix, or that is too large or holds no numbers.
    """
    require_file(path, "a .mat file")
    with Path(path).open("rb") as file:
        start = file.read(START)
    if HDF5 in (start[:8], start[-8:]):
        return read_hdf5_map(path, key).T
    from scipy.io import loadmat, whosmat

    content = read_bytes(path, "a .mat file")
    try:
        there = {name: (shape, kind) for name, shape, kind in whosmat(io.BytesIO(content))}
        name = choose_array(there, key, path)
        shape, kind = there[name]
        if kind not in NUMBERS:
            raise UserError(f"{path}: '{name}' is of class {one_line(kind, 40)}, expected numbers; convert the file")
        check_size(math.prod(shape) * NUMBERS[kind], f"{path}: '{name}'")
        return loadmat(io.BytesIO(content), variable_names=[name])[name]
    except UserError:
        raise
    except Exception as error:  # SciPy raises anything at a damaged file
        cure = read_cure(error, "copy it again, or save it with MATLAB's `-v7`")
        raise UserError(f"{path}: not a readable .mat file ({one_line(error, 200)}); {cure}") from error
