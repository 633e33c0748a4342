"""What goes wrong with packed files, in one line."""

import lzma
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from mdetools.errors import UserError
from mdetools.files import failure_reason
from mdetools.reading import read_cure

__all__ = ["reading_packed"]

# What zipfile, its methods of compression and NumPy raise, by where the damage lies.
DAMAGED = (OSError, EOFError, LookupError, ValueError, TypeError, SyntaxError, OverflowError, RuntimeError)
DAMAGED += (MemoryError, struct.error, tokenize.TokenError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)


@contextmanager
def reading_packed(path: object, what: str, otherwise: str) -> Iterator[None]:
    """Turns whatever a damaged file raises inside into a `UserError`.

    Args:
        path: of the file.
        what: of it is read.
        otherwise: what to do if the file itself is to blame.
    """
    try:
        yield
    except UserError:
        raise
    except DAMAGED as error:
        cure = read_cure(error, otherwise)
        raise UserError(f"{path}: {what} cannot be read ({failure_reason(error)}); {cure}") from error
