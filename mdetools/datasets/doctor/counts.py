"""Numbers of things in the words of a finding."""

from collections.abc import Sized

__all__ = ["counted", "part_of", "verb"]

SINGULARS = {"are": "is", "have": "has"}


def counted(number: int, one: str) -> str:
    """How many there are of a thing whose plural has an s.

    >>> counted(1, "dot file"), counted(2, "dot file")
    ('1 dot file', '2 dot files')
    """
    return f"{number} {one}{'s' * (number != 1)}"


def verb(number: int, plural: str) -> str:
    """A verb for so many things.

    >>> verb(1, "are"), verb(2, "are"), verb(1, "reach")
    ('is', 'are', 'reaches')
    """
    return plural if number != 1 else SINGULARS.get(plural, f"{plural}es")


def part_of(some: Sized, known: Sized, what: str) -> str:
    """How many of how many things are or do something; `what` names the things and ends with the verb, both plural.

    >>> part_of("a", "abcd", "depth maps are"), part_of("ab", "abcd", "depth maps are")
    ('1 of 4 depth maps is', '2 of 4 depth maps are')
    """
    things, plural = what.rsplit(" ", 1)
    return f"{len(some)} of {len(known)} {things} {verb(len(some), plural)}"
