"""HDF5 files: arrays compressed with gzip in about half of the time that HDF5 takes itself, and errors in one line.

h5py takes a while to import, so it is imported on the first read.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import deflate
import numpy as np

from mdetools.errors import UserError, one_line

if TYPE_CHECKING:
    import h5py

__all__ = ["read_array", "read_h5", "reading_hdf5", "require_arrays"]

FIX_HDF5 = "copy the file again or delete it"
DAMAGED = (OSError, RuntimeError, KeyError, AttributeError, TypeError, ValueError)  # h5py, by where the damage lies


def read_h5(path: str, names: Sequence[str], optional: Sequence[str] = ()) -> list[np.ndarray | None]:
    """Reads arrays of a .h5 file as they are.

    Args:
        path: of the file.
        names: of the arrays that must be there.
        optional: of arrays of numbers that may be there.

    Returns:
        The arrays, `names` first; None for an optional one that is not there.

    Raises:
        UserError: if the file cannot be read or lacks a name.
    """
    import h5py

    with reading_hdf5(path), h5py.File(path, "r") as file:
        found = [read_array(array) for array in require_arrays(file, names, path)]
        return found + [file[name][()].astype(np.float32) if name in file else None for name in optional]


@contextmanager
def reading_hdf5(what: str) -> Iterator[None]:
    """Turns whatever h5py raises inside about a damaged file into a `UserError`; `what` names the file in it."""
    try:
        yield
    except UserError:
        raise
    except DAMAGED as error:
        raise UserError(f"{what}: not a readable HDF5 file ({one_line(error)}); {FIX_HDF5}") from error


def require_arrays(file: "h5py.File", names: Sequence[str], path: str) -> list["h5py.Dataset"]:
    """The arrays of these names in an open file, neither groups nor single values, still unread.

    Raises:
        UserError: at the first that it lacks.
    """
    arrays = [file.get(name) for name in names]
    for name, array in zip(names, arrays, strict=True):
        if not getattr(array, "shape", None):
            raise UserError(
                f"{path}: no '{name}' in the file that is an array (found {', '.join(file) or 'nothing'}), expected "
                f"{' and '.join(names)}; {FIX_HDF5}"
            )
    return arrays


def read_array(dataset: "h5py.Dataset") -> np.ndarray:
    """The whole of an HDF5 data set, as `dataset[()]` gives it.

    HDF5 unpacks chunks with zlib, which is most of what a training pipeline does with the files of NYU Depth V2. Here
    libdeflate does it; what is not compressed with gzip alone is left to HDF5.

    Args:
        dataset: of an open file.

    Returns:
        An array of the data set's shape and type.

    Raises:
        OSError: if the data is damaged.
    """
    if not has_gzip_chunks(dataset):
        return dataset[()]
    sides = dataset.chunks
    lengths = [-(-length // side) * side for length, side in zip(dataset.shape, sides, strict=True)]
    array = np.empty(lengths, dataset.dtype)  # of whole chunks, as the last ones may reach beyond the data
    size = math.prod(sides) * array.itemsize
    for window in itertools.product(*map(windows, lengths, sides)):
        start = tuple(axis.start for axis in window)
        not_packed, stored = dataset.id.read_direct_chunk(start)
        try:
            content = stored if not_packed else deflate.zlib_decompress(stored, size)
            array[window] = np.frombuffer(content, array.dtype).reshape(sides)
        except (deflate.DeflateError, ValueError) as error:
            raise OSError(f"{dataset.name}: the chunk at {start} is damaged, {error}") from error
    return np.ascontiguousarray(array[tuple(map(slice, dataset.shape))])


def windows(length: int, side: int) -> list[slice]:
    """An axis in chunks."""
    return [slice(start, start + side) for start in range(0, length, side)]


def has_gzip_chunks(dataset: "h5py.Dataset") -> bool:
    """Whether the data set consists of chunks in gzip and nothing else, all of them written."""
    from h5py.h5z import FILTER_DEFLATE

    filters = dataset.id.get_create_plist()
    if dataset.chunks is None or filters.get_nfilters() != 1 or filters.get_filter(0)[0] != FILTER_DEFLATE:
        return False
    count = math.prod(-(-length // side) for length, side in zip(dataset.shape, dataset.chunks, strict=True))
    return dataset.dtype.isnative and not dataset.dtype.hasobject and dataset.id.get_num_chunks() == count
