"""What a user is told: the one exception that means "you can fix this", and the wording that all messages share."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["UserError", "one_line", "suggest"]

LONGEST = 1000  # characters of a message


class UserError(ValueError):
    """A mistake in an input, a path or a config, told in one line.

    The message names what was found, what was expected and how to fix it. The tools print it alone, without a
    traceback, and exit with code 2; from Python it is a `ValueError`. Whatever a file or a name put into the message,
    it is one printable line. A loader's worker process hands over its whole traceback, whose last line is kept.
    """

    def __init__(self, message: object) -> None:
        text = str(message).rsplit("UserError: ", 1)[-1]
        super().__init__(text if text.isprintable() and len(text) <= LONGEST else one_line(text, LONGEST))


def one_line(text: object, limit: int = 500) -> str:
    r"""The text of anything, such as an exception, on one printable line of at most `limit` characters.

    >>> one_line(ValueError("first\n  second\x1b[0m"))
    'first second?[0m'
    """
    words = " ".join(str(text).split())
    line = "".join(character if character.isprintable() else "?" for character in words)
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


def suggest(name: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """The end of a sentence about a name that nobody knows: the nearest known name, or else all of them.

    >>> suggest("silgo", ["silog", "l1"])
    "did you mean 'silog'?"
    >>> suggest("x", ["silog", "l1"])
    'expected one of: silog, l1'

    Args:
        name: what was found; of a dotted path the last part counts.
        known: the right names.
        otherwise: what to say where no name is near, in place of listing all.
    """
    names = [str(one) for one in known]
    near = get_close_matches(str(name).rsplit(".", 1)[-1], names, n=1, cutoff=0.5)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"expected one of: {', '.join(names)}" if otherwise is None else otherwise
