"""Data packed with deflate, as gzip, zlib and zip write it."""

from mdetools.reading import size_limit

__all__ = ["may_exceed_limit"]

MOST_PACKED = 1032  # bytes that deflate makes of one at most


def may_exceed_limit(packed: int) -> bool:
    """Whether so many packed bytes can unpack to more than the size limit."""
    return packed * MOST_PACKED > size_limit()
