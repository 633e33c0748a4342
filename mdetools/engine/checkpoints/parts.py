"""The parts of a run that have a state of their own, by their places in the config."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from mmengine.optim import OptimWrapper, _ParamScheduler
from torch.distributed.checkpoint.stateful import Stateful

from mdetools.engine.checkpoints.optimisation import load_optimizer, load_scheduler
from mdetools.errors import UserError, one_line

if TYPE_CHECKING:
    from mdetools.engine.runner import Runner

__all__ = ["load_parts", "named_entries", "states_of"]

NEEDED = ("optim_wrapper", "param_scheduler")  # the parts without whose states nothing can be resumed
# What a part may raise of a state that is not its own.
MISFITS = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError, AssertionError)


def named_entries(path: str, cfg: Mapping | Sequence | None) -> dict[str, object]:
    """What stands at a path of a config, one component, a list or a dict of them, by path; a None is left out.

    >>> named_entries("default_hooks", {"timer": None, "stats": {"type": "TrainingStatsHook"}})
    {'default_hooks.stats': {'type': 'TrainingStatsHook'}}
    >>> named_entries("custom_hooks", [{"type": "EMAHook"}])
    {'custom_hooks.0': {'type': 'EMAHook'}}
    """
    if cfg is None:
        return {}
    if isinstance(cfg, Mapping) and "type" not in cfg:
        entries = cfg.items()
    elif isinstance(cfg, Sequence):
        entries = enumerate(cfg)
    else:
        return {path: cfg}
    return {f"{path}.{name}": entry for name, entry in entries if entry is not None}


def parts_of(runner: Runner) -> dict[str, Stateful]:
    """Optimiser, schedulers and hooks of a run, those which have a state: `state_dict` and `load_state_dict`."""
    parts = {"optim_wrapper": runner.optim_wrapper, **runner.named_schedulers, **runner.named_hooks}
    return {path: part for path, part in parts.items() if isinstance(part, Stateful)}


def states_of(runner: Runner) -> dict[str, dict]:
    """The state of each part of a run, by its path in the config, such as `default_hooks.checkpoint`."""
    return {path: part.state_dict() for path, part in parts_of(runner).items()}


def load_parts(
    runner: Runner, states: Mapping[str, dict], filename: str, fresh: Collection[str] = (), own_settings: bool = False
) -> None:
    """Gives each part of a run its state back; a hook that has none in the checkpoint starts afresh, as the log says.

    Args:
        runner: of the run.
        states: what `states_of` gave.
        filename: for messages.
        fresh: the parts that do not take their states, knowingly.
        own_settings: whether the optimiser keeps the settings that the config gives it, such as its learning rates.

    Raises:
        UserError: if a state does not fit its part, or that of the optimiser or of a schedule is missing.
    """
    parts = parts_of(runner)
    for path in sorted(parts.keys() - states.keys() - set(fresh)):
        if path.split(".")[0] in NEEDED:
            raise UserError(
                f"'{filename}' has no state of {path} and cannot be resumed; start from its weights by load_from"
            )
        runner.logger.warning(f"'{filename}' has no state of {path}, which starts afresh")
    for path in sorted(states.keys() - parts.keys() - set(fresh)):
        runner.logger.warning(f"'{filename}' has a state of {path}, which this run has not: it is left out")
    for path in [path for path in parts if path in states and path not in fresh]:
        try:
            _load(parts[path], states[path], own_settings)
        except MISFITS as error:
            raise UserError(
                f"the state of {path} in '{filename}' does not fit this run's ({one_line(error, 200)}); resume with "
                "the same config, its frozen layers too, or start again from its weights with load_from"
            ) from error


def _load(part: Stateful, state: dict, own_settings: bool) -> None:
    if isinstance(part, OptimWrapper):
        load_optimizer(part, state, own_settings)
    elif isinstance(part, _ParamScheduler):
        load_scheduler(part, state)
    else:
        part.load_state_dict(state)
