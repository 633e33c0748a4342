"""In what two configs differ that a training's numbers depend on."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mdetools.engine.checkpoints.parts import named_entries
from mdetools.errors import one_line
from mdetools.registry import HOOKS

__all__ = ["Difference", "differences", "touch"]

NOT_SET = type("NotSet", (), {"__repr__": lambda self: "not set"})()
COMPARED = ("model", "data_preprocessor", "optim_wrapper", "auto_scale_lr", "train_dataloader", "train_cfg")
COMPARED += ("randomness", "sync_bn")
# What may change: how samples are loaded, and when the run validates.
FREE = {
    "train_dataloader": {
        "num_workers", "pin_memory", "pin_memory_device", "persistent_workers", "prefetch_factor", "timeout",
        "multiprocessing_context",
    },
    "train_cfg": {"val_begin", "val_interval"},
}  # fmt: skip
FOLDER_ENDING = "_root"  # of the keys that say where data lies, such as `data_root`
# MMEngine's hooks without an effect on what is trained; mdetools' own say so by `changes_training = False`.
MMENGINE_WATCHERS = {"IterTimerHook", "LoggerHook", "RuntimeInfoHook"}


@dataclass(frozen=True)
class Difference:
    """A setting that was another one when a checkpoint was written: its dotted path and both values."""

    path: str
    then: object
    now: object

    def __str__(self) -> str:
        return f"{self.path} {one_line(repr(self.then), 60)} (now {one_line(repr(self.now), 60)})"

    def lies_at(self, key: str) -> bool:
        """Whether the setting is the one at the dotted path `key`, or below it."""
        return f"{self.path}.".startswith(f"{key}.")


def differences(then: Mapping, now: Mapping) -> list[Difference]:
    """The settings in which two configs differ, as far as a training depends on them.

    These are all of `model` (losses and preprocessing are in it), `optim_wrapper` (precision too), `param_scheduler`,
    `train_cfg` but for when it validates, `randomness`, and `train_dataloader` but for its workers, its pinning and the
    folders (`data_root` and every other key that ends so, at any depth). Of the hooks, in `default_hooks` and
    `custom_hooks`, each entry counts unless its class only watches or writes and says so by `changes_training = False`,
    as those for logs, pictures and checkpoints do. Values are compared as they are written: a list equals a tuple, 1
    equals 1.0, and a key that is left out differs from one that has its component's default.

    >>> [str(one) for one in differences({"train_cfg": {"max_epochs": 2}}, {"train_cfg": {"max_epochs": 3}})]
    ['train_cfg.max_epochs 2 (now 3)']

    Args:
        then: the config in a checkpoint, see `parse_config_text`.
        now: the config of the run, in the same form.
    """
    return list(_differing("", _settings(then), _settings(now)))


def touch(found: Iterable[Difference], *keys: str) -> bool:
    """Whether one of the differences is at one of the dotted paths, or below it."""
    return any(difference.lies_at(key) for difference in found for key in keys)


def _settings(cfg: Mapping) -> dict[str, object]:
    """What counts of a config, by dotted path."""
    settings = {key: cfg[key] for key in COMPARED if cfg.get(key) is not None}
    for key, free in FREE.items():
        if isinstance(settings.get(key), dict):
            settings[key] = {name: value for name, value in settings[key].items() if name not in free}
    if "train_dataloader" in settings:
        settings["train_dataloader"] = _without_folders(settings["train_dataloader"])
    settings |= named_entries("param_scheduler", cfg.get("param_scheduler"))
    for key in ("default_hooks", "custom_hooks"):
        hooks = named_entries(key, cfg.get(key))
        settings |= {path: hook for path, hook in hooks.items() if _changes_training(hook)}
    return settings


def _changes_training(hook: object) -> bool:
    """Whether a hook's config names a class that may change what is trained, as every unknown one may."""
    kind = hook.get("type") if isinstance(hook, dict) else None
    if not isinstance(kind, str):
        return True
    HOOKS.names()  # imports mdetools' own; a name out of a checkpoint imports nothing
    return kind not in MMENGINE_WATCHERS and getattr(HOOKS.module_dict.get(kind), "changes_training", True)


def _without_folders(node: object) -> object:
    if isinstance(node, dict):
        kept = {key: value for key, value in node.items() if not str(key).endswith(FOLDER_ENDING)}
        return {key: _without_folders(value) for key, value in kept.items()}
    return [_without_folders(value) for value in node] if isinstance(node, list | tuple) else node


def _differing(path: str, then: object, now: object) -> Iterator[Difference]:
    if isinstance(then, dict) and isinstance(now, dict):
        for key in then | now:
            below = f"{path}.{key}" if path else str(key)
            yield from _differing(below, then.get(key, NOT_SET), now.get(key, NOT_SET))
    elif _are_lists(then, now) and len(then) == len(now) and any(isinstance(one, dict) for one in (*then, *now)):
        for index, pair in enumerate(zip(then, now, strict=True)):
            yield from _differing(f"{path}.{index}", *pair)
    elif not _equal(then, now):
        yield Difference(path, then, now)


def _are_lists(*values: object) -> bool:
    return all(isinstance(value, list | tuple) for value in values)


def _equal(then: object, now: object) -> bool:
    if _are_lists(then, now):
        return len(then) == len(now) and all(_equal(*pair) for pair in zip(then, now, strict=True))
    both_nan = all(isinstance(value, float) and math.isnan(value) for value in (then, now))
    return then == now or both_nan
