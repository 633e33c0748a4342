"""The bytes of a file, wherever it lies."""

import io
from pathlib import Path

from mdetools.datasets.readers.archive import ArchiveMember
from mdetools.reading import read_bytes, require_file

__all__ = ["Source", "content_of", "openable"]

Source = str | Path | ArchiveMember


def content_of(source: Source, expected: str) -> bytes:
    """The content of a file that is to be read whole.

    Args:
        source: its path, or a member of an archive.
        expected: what it should be, for the error.

    Raises:
        UserError: if it is missing, no file, too large, or cannot be read.
    """
    return source.read() if isinstance(source, ArchiveMember) else read_bytes(source, expected)


def openable(source: Source, expected: str) -> str | Path | io.BytesIO:
    """What `open` of packages takes: the path of a file, which is there, or the content of an archive's member.

    Raises:
        UserError: as `content_of`.
    """
    if isinstance(source, ArchiveMember):
        return io.BytesIO(source.read())
    require_file(source, expected)
    return source
