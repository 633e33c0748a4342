"""The parts of a run that have a state of their own, by their places in the config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from torch.distributed.checkpoint.stateful import Stateful

from mdetools.errors import UserError, one_line

if TYPE_CHECKING:
    from mdetools.engine.runner import Runner

__all__ = ["load_parts", "named_entries", "states_of"]


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


def load_parts(runner: Runner, states: Mapping[str, dict], filename: str) -> None:
    """Gives each part of a run its state back; one that has none in the checkpoint starts afresh, and the log says so.

    Args:
        runner: of the run.
        states: what `states_of` gave.
        filename: for messages.

    Raises:
        UserError: if a state does not fit its part.
    """
    parts = parts_of(runner)
    for path in sorted(parts.keys() - states.keys()):
        runner.logger.warning(f"'{filename}' has no state of {path}, which starts afresh")
    for path in sorted(states.keys() - parts.keys()):
        runner.logger.warning(f"'{filename}' has a state of {path}, which this run has not: it is left out")
    for path in [path for path in parts if path in states]:
        try:
            parts[path].load_state_dict(states[path])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise UserError(
                f"the state of {path} in '{filename}' does not fit this run's ({one_line(error, 200)}); resume with "
                "the same config, its frozen layers too, or start again from its weights with load_from"
            ) from error
