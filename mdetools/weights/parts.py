"""Which of a model's weights are to come from a checkpoint."""

from collections.abc import Iterable
from typing import NamedTuple

from mdetools.errors import UserError, suggest

__all__ = ["ENCODER", "WHOLE", "Parts"]


class Parts(NamedTuple):
    """The weights that a checkpoint is to give, by their names.

    >>> Parts(leave_out=("head.output",)).take("head.output_conv3.weight")
    False

    Args:
        encoder_only: whether the backbone's alone.
        leave_out: what the names of those begin with that keep their start all the same.
    """

    encoder_only: bool = False
    leave_out: tuple[str, ...] = ()

    def take(self, name: str) -> bool:
        """Whether to take a weight, or to compare what a checkpoint says of a part, such as `head.output.type`."""
        return not name.startswith(self.leave_out) and (name.startswith("backbone.") or not self.encoder_only)

    def check(self, names: Iterable[str]) -> None:
        """Looks for what is to be left out among the names of a model's weights.

        Raises:
            UserError: if none of them begins so.
        """
        names = list(names)
        for beginning in self.leave_out:
            if not any(name.startswith(beginning) for name in names):
                known = dict.fromkeys(".".join(name.split(".")[:2]) for name in names)
                raise UserError(
                    f"pretrained.leave_out: no weight of the model begins with '{beginning}'; "
                    f"{suggest(beginning, known)}"
                )


WHOLE = Parts()
ENCODER = Parts(encoder_only=True)
