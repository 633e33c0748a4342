"""HDF5 files: arrays compressed with gzip in about half of the time that HDF5 takes itself, and errors in one line.

h5py takes a while to import, so it is imported on the first read.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import floordiv
from pathlib import Path
from typing import TYPE_CHECKING

import deflate
import numpy as np

from mdetools.datasets.readers.deflated import may_exceed_limit
from mdetools.errors import UserError, one_line
from mdetools.files import failure_reason
from mdetools.reading import check_size, read_cure, require_file

if TYPE_CHECKING:
    import h5py

__all__ = ["check_array", "open_hdf5", "read_array", "read_h5", "reading_hdf5", "require_arrays"]

EXPECTED = "an HDF5 file"
FIX_HDF5 = "copy the file again or delete it"
INSIDE = "write the array into the file itself"
DAMAGED = (OSError, RuntimeError, KeyError, AttributeError, TypeError, ValueError)  # h5py, by where the damage lies
CHECKSUM = 4  # bytes of one, at the end of a chunk


def read_h5(path: str, names: Sequence[str], optional: Sequence[str] = ()) -> list[np.ndarray | None]:
    """Reads arrays of a .h5 file as they are.

    Args:
        path: of the file.
        names: of the arrays that must be there.
        optional: of arrays that may be there.

    Returns:
        The arrays, `names` first; None for an optional one that is not there.

    Raises:
        UserError: if the file cannot be read or lacks a name, or an array is not fit to be read, see `check_array`.
    """
    with reading_hdf5(path), open_hdf5(path) as file:
        there = [*names, *(name for name in optional if name.encode() in file.id)]
        values = [read_array(array, path) for array in require_arrays(file, there, path)]
    found = dict(zip(there, values, strict=True))
    return [found.get(name) for name in (*names, *optional)]


def open_hdf5(path: str | Path) -> "h5py.File":
    """Opens an HDF5 file for reading, in `reading_hdf5`."""
    import h5py

    require_file(path, EXPECTED)
    return h5py.File(path, "r")


@contextmanager
def reading_hdf5(what: str) -> Iterator[None]:
    """Turns whatever h5py raises inside into a `UserError`; `what` names the file in it."""
    try:
        yield
    except UserError:
        raise
    except (*DAMAGED, MemoryError) as error:
        cure = read_cure(error)
        if cure:
            raise UserError(f"{what}: cannot be read ({failure_reason(error)}); {cure}") from error
        raise UserError(f"{what}: not a readable HDF5 file ({one_line(error, 200)}); {FIX_HDF5}") from error


def require_arrays(file: "h5py.File", names: Sequence[str], path: str) -> list["h5py.Dataset"]:
    """The arrays of these names in an open file, neither groups nor single values, still unread.

    Raises:
        UserError: at the first that it lacks, or that is not fit to be read, see `check_array`.
    """
    return [require_array(file, name, names, path) for name in names]


def require_array(file: "h5py.File", name: str, names: Sequence[str], path: str) -> "h5py.Dataset":
    """One of the arrays. What h5py has for this on its upper level takes as long as the reading."""
    from h5py.h5l import TYPE_HARD

    there = True
    for part in itertools.accumulate(name.encode().split(b"/"), lambda above, last: above + b"/" + last):
        there = there and part in file.id
        if there and file.id.links.get_info(part).type != TYPE_HARD:
            raise UserError(f"{path}: '{name:.100}' is a link, perhaps to another file, expected an array; {INSIDE}")
    array = file[name] if there else None
    if not getattr(array, "shape", None):
        found = one_line(", ".join(file) or "nothing", 200)
        raise UserError(
            f"{path}: no '{name:.100}' in the file that is an array (found {found}), expected {' and '.join(names)}; "
            f"{FIX_HDF5}"
        )
    check_array(array, f"{path}: '{name:.100}'")
    return array


def check_array(array: "h5py.Dataset", what: str) -> None:
    """Checks what the file declares of an array, before any of it is read.

    Args:
        array: of an open file.
        what: names it in the error.

    Raises:
        UserError: if it holds no plain numbers, lies in other files, or a chunk of it is beyond the size limit.
    """
    if array.external or array.is_virtual:
        raise UserError(f"{what} lies in other files, expected its values in this one; {INSIDE}")
    if array.dtype.kind not in "buif":
        raise UserError(f"{what} is of type {one_line(array.dtype, 80)}, expected numbers; convert the file")
    chunks = array.chunks
    if chunks is not None:
        check_size(math.prod(chunks) * array.dtype.itemsize, f"{what}, a chunk of {chunks},")


def read_array(dataset: "h5py.Dataset", path: str = "HDF5") -> np.ndarray:
    """The whole of an HDF5 data set, as `dataset[()]` gives it.

    HDF5 unpacks chunks with zlib, which is most of what a training pipeline does with the files of NYU Depth V2. Here
    libdeflate does it; what is not compressed with gzip alone is left to HDF5.

    Args:
        dataset: of an open file.
        path: of the file, for errors.

    Returns:
        An array of the data set's shape and type.

    Raises:
        OSError: if the data is damaged.
        UserError: if there is more of it than the size limit.
    """
    shape, dtype = dataset.shape, dataset.dtype
    chunk_shape = dataset.chunks or (1,) * len(shape)
    lengths = [-(-length // side) * side for length, side in zip(shape, chunk_shape, strict=True)]
    check_size(math.prod(lengths) * dtype.itemsize, f"{path}: '{dataset.name}'")
    if not has_gzip_chunks(dataset, math.prod(map(floordiv, lengths, chunk_shape))):
        check_packed(dataset)
        return dataset[()]
    array = np.empty(lengths, dtype)  # of whole chunks, as the last ones may reach beyond the data
    size = math.prod(chunk_shape) * array.itemsize
    starts = itertools.product(*(range(0, length, side) for length, side in zip(lengths, chunk_shape, strict=True)))
    for start, window in zip(starts, itertools.product(*map(windows, lengths, chunk_shape)), strict=True):
        not_packed, stored = dataset.id.read_direct_chunk(start)
        try:
            content = stored if not_packed else deflate.zlib_decompress(stored, size)
            array[window] = np.frombuffer(content, array.dtype).reshape(chunk_shape)
        except (deflate.DeflateError, ValueError) as error:
            raise OSError(f"{dataset.name}: the chunk at {start} is damaged, {error}") from error
    return np.ascontiguousarray(array[tuple(map(slice, shape))])


def check_packed(dataset: "h5py.Dataset") -> None:
    """Checks what HDF5 itself does not: it unpacks a gzip stream to its end, and takes a checksum out of nothing.

    Raises:
        OSError: if a chunk unpacks to more than a chunk holds, is too short for its checksum, or is damaged.
    """
    from h5py.h5z import FILTER_DEFLATE, FILTER_FLETCHER32

    layout = dataset.id.get_create_plist()
    filters = [layout.get_filter(number)[0] for number in range(layout.get_nfilters())]
    if dataset.chunks is None:
        return
    if FILTER_FLETCHER32 in filters:
        short = []
        dataset.id.chunk_iter(lambda chunk: short.append(chunk) if chunk.size < CHECKSUM else None)
        if short or filters.index(FILTER_FLETCHER32) != len(filters) - 1:  # the last is the first to read
            raise OSError(f"{dataset.name} has a chunk that is too short for its checksum")
    if FILTER_DEFLATE not in filters:
        return
    if filters.count(FILTER_DEFLATE) > 1:
        raise OSError(f"{dataset.name} is packed with gzip several times")
    suspects = []
    dataset.id.chunk_iter(lambda chunk: suspects.append(chunk) if may_exceed_limit(chunk.size) else None)
    for chunk in suspects:
        stored = dataset.id.read_direct_chunk(chunk.chunk_offset)[1]
        try:
            deflate.zlib_decompress(stored, math.prod(dataset.chunks) * dataset.dtype.itemsize)
        except deflate.DeflateError as error:
            raise OSError(f"{dataset.name}: the chunk at {chunk.chunk_offset} is damaged, {error}") from error


def windows(length: int, side: int) -> list[slice]:
    """An axis in chunks."""
    return [slice(start, start + side) for start in range(0, length, side)]


def has_gzip_chunks(dataset: "h5py.Dataset", count: int) -> bool:
    """Whether the data set consists of chunks in gzip and nothing else, all `count` of them written."""
    from h5py.h5z import FILTER_DEFLATE

    filters = dataset.id.get_create_plist()
    if dataset.chunks is None or filters.get_nfilters() != 1 or filters.get_filter(0)[0] != FILTER_DEFLATE:
        return False
    return dataset.dtype.isnative and not dataset.dtype.hasobject and dataset.id.get_num_chunks() == count
