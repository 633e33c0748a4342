"""What a user is told."""

import pytest

from mdetools.errors import UserError

__all__ = ["user_error"]


def user_error(call, *words):
    """The line of the UserError that `call` raises, which holds all `words`."""
    with pytest.raises(UserError) as caught:
        call()
    line = str(caught.value)
    assert "\n" not in line
    for word in words:
        assert word in line, line
    return line
