"""What a checkpoint must hold for a run to go on from it: one look at all of it, before any of it is used."""

from collections.abc import Callable

import torch
from torch import Tensor

from mdetools.errors import UserError, one_line

__all__ = ["check_contents", "is_plain"]

PARTS_OF_0_1 = {"optimizer", "param_schedulers", "hooks"}  # the keys in which version 0.1 kept a run's state
LOWEST = {"seed": 0, "iter": 0, "iters_per_epoch": 1, "world_size": 1}  # of the whole numbers in `meta`
BOUND = 2**32


def check_contents(checkpoint: dict, filename: str) -> None:
    """Checks that a checkpoint has the form that `save_run` writes.

    Args:
        checkpoint: content of the file.
        filename: for the error.

    Raises:
        UserError: if it is of version 0.1, or holds weights alone, or an entry is missing or of another kind.
    """
    if checkpoint.keys() >= PARTS_OF_0_1:
        raise UserError(
            f"'{filename}' is of mdetools 0.1, whose runs this version cannot resume, only start from; use load_from "
            "or pretrained.checkpoint"
        )
    if not {"meta", "parts"} <= checkpoint.keys():
        raise UserError(
            f"'{filename}' holds weights alone and cannot be resumed; use load_from or pretrained.checkpoint"
        )
    fault = _fault_in(checkpoint)
    if fault is not None:
        raise UserError(
            f"'{filename}' cannot be resumed: {fault}; it was changed after it was written, take another checkpoint"
        )


def _fault_in(checkpoint: dict) -> str | None:
    """What is wrong with a checkpoint's form; None if nothing is."""
    meta = checkpoint["meta"]
    if not isinstance(meta, dict) or not isinstance(meta.get("cfg"), str):
        return "it has no meta.cfg, the text of its config"
    for name, lowest in LOWEST.items():
        value = meta.get(name)
        if type(value) is not int or not lowest <= value < BOUND:
            return f"meta.{name} is {one_line(repr(value), 60)}, expected a whole number from {lowest} on"
    if not _is_dict_of(checkpoint["parts"], lambda part: isinstance(part, dict)):
        return "its parts are no dict of dicts"
    for name in ("state_dict", "ema_state_dict"):
        if (name == "state_dict" or name in checkpoint) and not _is_dict_of(checkpoint.get(name), is_plain):
            return f"its {name} is no dict of plain tensors"
    return _fault_in_average(checkpoint) if "ema_state_dict" in checkpoint else None


def _fault_in_average(checkpoint: dict) -> str | None:
    average = dict(checkpoint["ema_state_dict"])
    steps = average.pop("steps", None)
    shapes = {f"module.{name}": value.shape for name, value in checkpoint["state_dict"].items()}
    if steps is None or steps.numel() != 1 or {name: value.shape for name, value in average.items()} != shapes:
        return "its ema_state_dict and its state_dict are of two models"
    return None


def is_plain(value: object) -> bool:
    """Whether something is a tensor with all its numbers: none without content, and no sparse one."""
    return isinstance(value, Tensor) and value.layout == torch.strided and not value.is_meta


def _is_dict_of(value: object, fits: Callable[[object], bool]) -> bool:
    return isinstance(value, dict) and all(isinstance(key, str) and fits(entry) for key, entry in value.items())
