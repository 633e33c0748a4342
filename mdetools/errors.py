"""The one exception that means "the user can mend this"."""

__all__ = ["UserError"]


class UserError(ValueError):
    """A mistake in an input, a path or a config, told in one line.

    The message names what was found, what was expected and how to mend it. The tools print it alone, without a
    traceback, and exit with code 2; from Python it is a `ValueError`.
    """
