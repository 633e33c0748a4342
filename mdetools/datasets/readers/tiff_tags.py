"""What the tags of a TIFF say of its pages, read before anything is decoded."""

import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from mdetools.errors import UserError

__all__ = ["check_one_page", "unusual_type"]

ORDERS = {b"II*\0": "<", b"MM\0*": ">", b"II+\0": "<", b"MM\0+": ">"}  # + is BigTIFF
SUBFILE, OLD_SUBFILE, BITS, FORMAT = 254, 255, 258, 339  # tags
REDUCED_OR_MASK, OLD_REDUCED = 0b101, 2  # of the subfile: a smaller copy of the page before, or its mask
FORMATS = {2: "int", 3: "float", 5: "complex int", 6: "complex"}
MOST_BITS = 16


def check_one_page(content: bytes, path: str | Path) -> None:
    """Checks that a file, if it is a TIFF, has one page; smaller copies and masks of it do not count.

    Raises:
        UserError: if it has another one.
    """
    for tags in islice(pages(content), 1, None):
        if not tags.get(SUBFILE, 0) & REDUCED_OR_MASK and tags.get(OLD_SUBFILE) != OLD_REDUCED:
            raise UserError(f"{path}: is a TIFF of several pages, expected one; save each into a file of its own")


def unusual_type(content: bytes) -> str | None:
    """The type of a TIFF's values if it is none of a picture's, such as `float32`; None for all other files."""
    tags = next(pages(content), {})
    kind, bits = tags.get(FORMAT, 1), tags.get(BITS, 1)
    return f"{FORMATS.get(kind, 'uint')}{bits}" if kind in FORMATS or bits > MOST_BITS else None


def pages(content: bytes) -> Iterator[dict[int, int]]:
    """Yields the first value of each tag above, page by page; ends at damage, and yields nothing of other files."""
    order = ORDERS.get(content[:4])
    if order is None:
        return
    big = b"+" in content[:4]
    count, word, inline = (f"{order}Q", f"{order}Q", 8) if big else (f"{order}H", f"{order}I", 4)
    entry, seen = struct.Struct(f"{order}HH{word[1]}{inline}s"), set()
    try:
        (at,) = struct.unpack_from(word, content, inline)
        while at and at not in seen:
            seen.add(at)
            begin, (entries,) = at + struct.calcsize(count), struct.unpack_from(count, content, at)
            end = begin + entries * entry.size
            (following,) = struct.unpack_from(word, content, end)
            yield dict(first_values(content, entry.iter_unpack(content[begin:end]), order, word))
            at = following
    except (struct.error, OverflowError):
        return


def first_values(content: bytes, entries: Iterator[tuple], order: str, word: str) -> Iterator[tuple[int, int]]:
    """Yields the tag and the first value of the entries of a page that hold 16 or 32-bit numbers."""
    for tag, kind, number, value in entries:
        if kind not in (3, 4) or tag not in (SUBFILE, OLD_SUBFILE, BITS, FORMAT):
            continue
        form = f"{order}{'H' if kind == 3 else 'I'}"
        if number * struct.calcsize(form) > len(value):
            yield tag, *struct.unpack_from(form, content, *struct.unpack(word, value))
        else:
            yield tag, *struct.unpack_from(form, value)
