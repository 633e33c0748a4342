"""The numbers of a calibrated output, which stand in a config and, as a buffer, among the weights."""

from logging import Logger

import torch
from torch import Tensor

from mdetools.errors import UserError

__all__ = ["settle_calibration"]

NAME = ".calibration"  # of the buffer, behind the path of its output layer


def settle_calibration(
    own: dict[str, Tensor], state: dict[str, Tensor], source: str, as_is: bool, logger: Logger
) -> dict[str, Tensor]:
    """Weights whose calibration, if there is one, is that of the model, which its config gives.

    Args:
        own: state dict of the model that is to take the weights.
        state: the weights.
        source: name of the file.
        as_is: whether the config's calibration stands in any case, with a warning where the file has another one, or
            has none, or has one that the config lacks.
        logger: of that warning.

    Raises:
        UserError: if file and config have the same output layer with other numbers.
    """
    names = sorted(name for name in own.keys() | state.keys() if name.endswith(NAME))
    differing = [name for name in names if not _agree(state.get(name), own.get(name))]
    for name in differing:
        there, here = (_words(numbers.get(name)) for numbers in (state, own))
        if as_is:
            logger.warning(f"'{source}' is loaded as it is, with {name} {here} of the config, not {there} of the file")
        elif name in state and name in own:
            raise UserError(
                f"'{source}' was calibrated with other numbers: model.{name} is {there} in the file and {here} in the "
                "config; use the config that was written beside it, or load it all the same with --weights-as-is (in a "
                "config: weights_as_is=True)"
            )
    if not as_is:
        return state
    kept = {name: value for name, value in state.items() if name not in differing}
    return kept | {name: own[name] for name in differing if name in own}


def _agree(one: Tensor | None, other: Tensor | None) -> bool:
    if one is None or other is None or one.shape != other.shape or one.is_meta or other.is_meta:
        return False
    return torch.allclose(one.double().cpu(), other.double().cpu(), rtol=1e-5, atol=1e-9)


def _words(numbers: Tensor | None) -> str:
    """The numbers, as messages show them."""
    return "missing" if numbers is None else f"({', '.join(f'{number:.6g}' for number in numbers.flatten().tolist())})"
