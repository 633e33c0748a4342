"""What a checkpoint has to be made of, checked once, right after it is read."""

import torch
from torch import Tensor

from mdetools.errors import UserError, one_line
from mdetools.weights.containers import EXCESS

__all__ = ["check_checkpoint", "check_state"]

LONGEST_NAME = 500  # characters

PARTIAL = "; it is no checkpoint that training wrote, or was tampered with: copy it again"


def check_checkpoint(checkpoint: dict, source: str) -> None:
    """Checks the entries that say what a checkpoint is.

    Args:
        checkpoint: as read.
        source: name of the file, for the error.

    Raises:
        UserError: if `meta` is no dict, or `meta.cfg` no text.
    """
    meta = checkpoint.get("meta", {})
    if not isinstance(meta, dict):
        raise UserError(f"'{source}': meta is a {type(meta).__name__}, expected a dict{PARTIAL}")
    config = meta.get("cfg", "")
    if not isinstance(config, str):
        raise UserError(f"'{source}': meta.cfg is a {type(config).__name__}, expected a config's text{PARTIAL}")


def check_state(state: dict, source: str) -> None:
    """Checks that a state dict is names and plain tensors.

    Args:
        state: as read.
        source: name of the file, for the error.

    Raises:
        UserError: at the first name or value that is none.
    """
    for name, value in state.items():
        if not isinstance(name, str) or not name.isprintable() or len(name) > LONGEST_NAME:
            raise UserError(
                f"'{source}' has a weight named {one_line(repr(name), 80)}, expected a dotted name{PARTIAL}"
            )
        kind = _kind(value)
        if kind:
            raise UserError(
                f"'{source}': {name} is {kind}, expected a plain tensor; save the weights as such and load that file"
            )
    values = [value for value in state.values() if not value.is_meta]
    needed = sum(value.numel() * value.element_size() for value in values)
    storages = [value.untyped_storage() for value in values]
    held = sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())
    if needed > held + EXCESS:  # tensors that repeat the same few numbers
        raise UserError(f"'{source}' declares weights of {needed:,} bytes and holds {held:,}{PARTIAL}")


def _kind(value: object) -> str | None:
    """What a value is that is no plain tensor; None of one that is."""
    if not isinstance(value, Tensor):
        return f"a {type(value).__name__}"
    if value.layout != torch.strided or value.is_nested:
        return "a sparse or nested tensor"
    if value.is_quantized:
        return f"quantised ({value.dtype})"
    if value.is_complex():
        return f"complex ({value.dtype})"
    return None
