"""Pictures in batches of one size, and results back in the order of the pictures."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

__all__ = ["group_by_size", "in_order"]

WINDOW = 4  # batches that the oldest picture waits for others of its size
Item = TypeVar("Item")


def group_by_size(
    items: Iterable[Item], size_of: Callable[[Item], object], batch_size: int
) -> Iterator[list[tuple[int, Item]]]:
    """Batches of items of one size, each with its number.

    An item waits for others of its size until `WINDOW` batches of other items have come, so that what is held is
    bounded, whatever the sizes.

    >>> [[number for number, _ in group] for group in group_by_size("abba", str, 2)]
    [[1, 2], [0, 3]]

    Args:
        items: in order.
        size_of: tells which may share a batch.
        batch_size: the most of a batch.
    """
    groups: dict[object, list[tuple[int, Item]]] = {}  # by the first item of each, the oldest first
    for number, item in enumerate(items):
        size = size_of(item)
        group = groups.setdefault(size, [])
        group.append((number, item))
        if len(group) == batch_size:
            yield groups.pop(size)
        while groups and number - next(iter(groups.values()))[0][0] >= WINDOW * batch_size:
            yield groups.pop(next(iter(groups)))
    yield from groups.values()


def in_order(numbered: Iterable[tuple[int, Item]]) -> Iterator[Item]:
    """Items with the numbers 0, 1, ... in the order of these.

    >>> list(in_order([(1, "b"), (0, "a"), (2, "c")]))
    ['a', 'b', 'c']
    """
    waiting: dict[int, Item] = {}
    due = 0
    for number, item in numbered:
        waiting[number] = item
        while due in waiting:
            yield waiting.pop(due)
            due += 1
