"""Which of the arrays of a file is meant."""

from collections.abc import Iterable
from pathlib import Path

from mdetools.errors import UserError, one_line

__all__ = ["choose_array"]

USUAL = "depth"


def choose_array(names: Iterable[str], key: str | None, path: str | Path) -> str:
    """The name of the array to read: `key`, or without one `depth`, or else the only name.

    Args:
        names: of the arrays in the file.
        key: that the user named, or None.
        path: of the file, for errors.

    Raises:
        UserError: if it is not there, or there are several.
    """
    names = list(names)
    if (key or USUAL) in names:
        return key or USUAL
    if key is None and len(names) == 1:
        return names[0]
    found = one_line(", ".join(map(str, names)) or "nothing", 200)
    wanted = f"no '{key}' in the file" if key else "which array is the depth is not clear"
    raise UserError(f"{path}: {wanted} (found {found}), expected one; name it with depth_key='...'")
