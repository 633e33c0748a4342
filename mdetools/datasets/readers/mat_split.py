"""The split of NYU Depth V2, `splits.mat`."""

from pathlib import Path

from mdetools.datasets.readers.mat_level5 import read_matrices
from mdetools.errors import UserError
from mdetools.reading import read_bytes

__all__ = ["read_mat_split"]

MOST_NUMBER = 1_000_000  # of an image


def read_mat_split(path: Path, key: str) -> list[int]:
    """The 1-based image numbers that `splits.mat` holds under `key`.

    Raises:
        UserError: if the file cannot be read or lacks the key.
    """
    content = read_bytes(path, "a .mat file with trainNdxs and testNdxs")
    numbers = read_matrices(content, path).get(key)
    if numbers is None:
        raise UserError(f"{path}: no '{key}' in the file, expected trainNdxs and testNdxs; copy it again")
    whole = numbers.size and (numbers >= 1).all() and (numbers <= MOST_NUMBER).all() and (numbers % 1 == 0).all()
    if not whole:
        raise UserError(
            f"{path}: '{key}' is {numbers.dtype} {numbers.ravel()[:3]}..., expected image numbers from 1; copy it again"
        )
    return [int(number) for number in numbers.ravel(order="F")]
