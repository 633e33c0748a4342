"""Reading a gzip file from anywhere, without unpacking it to the disk."""

import io
import zlib
from pathlib import Path
from typing import NamedTuple

from mdetools.reading import check_size

__all__ = ["SeekableGzip"]

PIECE = 2**18  # bytes unpacked at a time
SPACING = 2**20  # unpacked bytes between two marks, at first
MOST_MARKS = 512  # each takes about 40 KB of memory; beyond, every second one is given up
GZIP = 31  # of zlib: a window of 32 KB, with gzip's header and checksum


class Mark(NamedTuple):
    """A place where unpacking can go on."""

    position: int  # in what is unpacked
    offset: int  # in the file
    inflater: object  # as it is there
    begins: bool  # whether a member of the file begins there


class SeekableGzip:
    """What a gzip file unpacks to, as a file that can be read from any position.

    While it is read, marks are kept from which unpacking can go on, so that a jump costs the way from the last mark
    before it. Until a position was reached once, that is the way from the begin.

    Args:
        path: of the file.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = path
        self.file = io.FileIO(path)
        self.spacing = SPACING
        self.marks = [Mark(0, 0, zlib.decompressobj(GZIP), True)]
        self.position = 0
        self.go_to(self.marks[0])

    def go_to(self, mark: Mark) -> None:
        """Goes on from a mark; the position stays."""
        self.file.seek(mark.offset)
        self.inflater, self.begins = mark.inflater.copy(), mark.begins
        self.piece, self.start, self.packed = b"", mark.position, b""

    def tell(self) -> int:
        """The position."""
        return self.position

    def seek(self, position: int) -> int:
        """Sets the position, counted from the begin."""
        mark = max((mark for mark in self.marks if mark.position <= position), key=lambda mark: mark.position)
        if position < self.start or mark.position > self.start + len(self.piece):
            self.go_to(mark)
        self.position = position
        return position

    def read(self, size: int) -> bytes:
        """The next `size` bytes; less at the end.

        Raises:
            UserError: if that is beyond the size limit.
            EOFError: if the file is cut off.
            zlib.error: if it is damaged.
        """
        check_size(size, f"{self.path}: a piece of the archive")
        parts = []
        while size > 0:
            inside = self.position - self.start
            part = self.piece[inside : inside + size]
            if not part and not self.advance():
                break
            parts.append(part)
            self.position += len(part)
            size -= len(part)
        return b"".join(parts)

    def advance(self) -> bool:
        """Unpacks the next piece; False at the end."""
        self.start += len(self.piece)
        self.piece = self.unpack()
        end = self.start + len(self.piece)
        if self.piece and end >= self.marks[-1].position + self.spacing:
            offset = self.file.tell() - len(self.packed)
            self.marks.append(Mark(end, offset, self.inflater.copy(), self.begins))
            if len(self.marks) > MOST_MARKS:
                self.marks, self.spacing = self.marks[::2], 2 * self.spacing
        return bool(self.piece)

    def unpack(self) -> bytes:
        """The next bytes, of this member of the file or of one after it; none at the end."""
        while True:
            packed = self.packed or self.file.read(PIECE // 4)
            at_end = not packed
            if self.begins:
                self.packed = packed = packed.lstrip(b"\0")  # some writers fill up with zeros
                if at_end:
                    return b""
                if not packed:
                    continue
            piece = self.inflater.decompress(packed, PIECE)  # which may hold back some, even of nothing
            self.packed, self.begins = self.inflater.unconsumed_tail, False
            if self.inflater.eof:
                self.packed, self.begins = self.inflater.unused_data, True
                self.inflater = zlib.decompressobj(GZIP)
            elif at_end and not piece:
                raise EOFError("it ends too early")
            if piece:
                return piece
