"""What an index of a data set means."""

from mdetools.contract import SampleIndex

__all__ = ["resolve_index"]


def resolve_index(index: int | SampleIndex, length: int) -> SampleIndex:
    """The index of a data set of this length as a `SampleIndex`; an int means seed 0 and epoch 0, and -1 the last.

    >>> resolve_index(-1, 5)
    SampleIndex(seed=0, epoch=0, index=4)

    Raises:
        IndexError: past the end.
    """
    seed, epoch, position = index if isinstance(index, SampleIndex) else (0, 0, index)
    return SampleIndex(seed, epoch, range(length)[position])
