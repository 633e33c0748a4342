"""Finds the weights in what was saved around them: wrapping dicts, and the prefixes of wrapping modules."""

from collections.abc import Collection, Iterable

from torch import Tensor

from mdetools.errors import UserError
from mdetools.weights.schema import check_state

__all__ = ["collect", "without_prefixes", "wrapped_state"]

# Under which of these names the weights are, where several dicts hold some.
WRAPPERS = ("state_dict", "model", "model_state_dict", "teacher")

# Of torch.compile, of distributed wrappers, of training frameworks.
PREFIXES = {"_orig_mod", "module", "model"}
INNER = {"_orig_mod", "module"}  # `model` is too common a name of a part


def wrapped_state(checkpoint: dict, source: str) -> dict[str, Tensor]:
    """The one dict of tensors in a checkpoint: under any key, under two keys, or the checkpoint itself.

    Raises:
        UserError: if there are several and none has a usual name, or what is in it is no tensor.
    """
    level = {key: value for key, value in checkpoint.items() if isinstance(key, str)}
    inner = {f"{key}.{name}": v for key, value in level.items() if isinstance(value, dict) for name, v in value.items()}
    bare = {key: value for key, value in level.items() if isinstance(value, Tensor)}
    states = {key: value for key, value in level.items() if _is_state(value)}
    if not states and not bare:
        states = {key: value for key, value in inner.items() if _is_state(value)}
    usual = sorted((key for key in states if _rank(key) < len(WRAPPERS)), key=_rank)
    if len(states) > 1 and not usual:
        key = next(iter(states))
        raise UserError(
            f"'{source}' holds several sets of weights, {', '.join(states)}; load it in Python and save the one that "
            f"you mean, e.g. torch.save(checkpoint['{key}'], 'weights.pth')"
        )
    state = states[(usual or list(states))[0]] if states else bare
    check_state(state, source)
    return state


def _is_state(value: object) -> bool:
    return isinstance(value, dict) and any(isinstance(entry, Tensor) for entry in value.values())


def _rank(key: str) -> int:
    """The place of a wrapper among the usual ones; behind them all if it is none."""
    name = key.rpartition(".")[2]
    return WRAPPERS.index(name) if name in WRAPPERS else len(WRAPPERS)


def without_prefixes(name: str, known: Collection[str]) -> str:
    """The name of a weight without what wrapping modules put before or into it.

    >>> without_prefixes("module._orig_mod.backbone.module.vit.norm.bias", known=())
    'backbone.vit.norm.bias'
    >>> without_prefixes("model.net.bias", known=["model.net.bias"])
    'model.net.bias'

    Args:
        name: as saved.
        known: the names of the model's own weights, which stay whole.
    """
    parts = name.split(".")
    while len(parts) > 1 and parts[0] in PREFIXES and ".".join(parts) not in known:
        parts = parts[1:]
    bare = ".".join(parts)
    return bare if bare in known else ".".join([*(part for part in parts[:-1] if part not in INNER), parts[-1]])


def collect(pairs: Iterable[tuple[str, Tensor]], source: str) -> dict[str, Tensor]:
    """A state dict of renamed weights.

    Raises:
        UserError: if two have become one.
    """
    state = {}
    for name, value in pairs:
        if name in state:
            raise UserError(f"'{source}' holds two weights for {name}; save the state_dict of one model alone")
        state[name] = value
    return state
