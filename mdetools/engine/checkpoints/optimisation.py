"""The states of optimisers and schedulers: taken as they were, or with the settings of a changed config."""

import math
import warnings
from collections.abc import Iterable, Mapping
from itertools import chain

import torch
from mmengine.optim import OptimWrapper, _ParamScheduler
from torch import Tensor
from torch.distributed.tensor import DTensor
from torch.optim import Optimizer

from mdetools.engine.checkpoints.contents import is_plain
from mdetools.engine.configs.arguments import parameters_of
from mdetools.engine.sharded_tensors import share_out_state, whole

__all__ = ["check_like", "load_optimizer", "load_scheduler", "replay"]

# Settings of speed alone, which the tensors without content of `states_of_a_step` do not all have.
FAST = ("fused", "foreach", "capturable")


def check_like(own: object, found: object, path: str) -> None:
    """Checks that what a file holds has the form of what the run holds itself.

    Args:
        own: dicts, lists, tensors, numbers and texts.
        found: in its place in the file.
        path: of the two, for the error.

    Raises:
        ValueError: if keys, lengths, shapes, kinds or texts differ, or a number is not finite.
    """
    if isinstance(own, Mapping) and isinstance(found, Mapping):
        if own.keys() != found.keys():
            raise ValueError(f"{path} differs in {', '.join(map(str, own.keys() ^ found.keys()))}")
        for key, value in own.items():
            check_like(value, found[key], f"{path}.{key}")
        return
    if isinstance(own, list | tuple) and isinstance(found, list | tuple) and len(own) == len(found):
        for index, pair in enumerate(zip(own, found, strict=True)):
            check_like(*pair, f"{path}.{index}")
        return
    if isinstance(own, Tensor) and isinstance(found, Tensor):
        alike = (own.shape, own.dtype) == (found.shape, found.dtype) and is_plain(found)
        fits = alike and bool(whole(found.isfinite().all()))
    elif isinstance(own, bool):
        fits = isinstance(found, bool)
    elif isinstance(own, int | float) and isinstance(found, int | float) and not isinstance(found, bool):
        fits = abs(found) < 2**63 or not math.isfinite(own)
    else:
        fits = type(own) is type(found) and own == found  # texts, and what is None
    if not fits:
        raise ValueError(f"{path} does not fit")


def load_optimizer(wrapper: OptimWrapper, state: dict, own_settings: bool) -> None:
    """Gives an optimiser its state back.

    Args:
        wrapper: of the optimiser.
        state: what its `state_dict` gave.
        own_settings: whether learning rates, decay and the like stay as the config has them, in place of the file's.

    Raises:
        ValueError: if the state is none that this optimiser can have; like every error of torch's.
    """
    own = wrapper.state_dict()
    check_numbers(own["param_groups"], state)
    if own_settings:
        pairs = zip(own["param_groups"], state["param_groups"], strict=True)
        groups = [{**settings, "params": group["params"]} for settings, group in pairs]
        state = {key: value for key, value in state.items() if key != "base_param_settings"} | {"param_groups": groups}
    can_try = states_of_a_step(wrapper.optimizer) is not None
    wrapper.load_state_dict({**state, "state": share_out_state(wrapper.optimizer, state["state"])})
    loaded = wrapper.state_dict()
    check_like(own["param_groups"], loaded["param_groups"], "param_groups")
    check_like(own.get("base_param_settings"), loaded.get("base_param_settings"), "base_param_settings")
    expected = states_of_a_step(wrapper.optimizer)
    if can_try and expected is None:
        raise ValueError("its settings allow no step")
    for number, entry in loaded["state"].items() if can_try else ():
        check_like(expected[number], entry, f"state.{number}")


def check_numbers(own_groups: list[dict], state: dict) -> None:
    """Checks that a state counts the parameters as this run does; torch would give a wrong number another's tensors.

    Raises:
        ValueError: if it does not.
    """
    numbers = [group["params"] for group in own_groups]
    found = [group["params"] for group in state["param_groups"]]
    if found != numbers:
        raise ValueError(f"groups of {list(map(len, found))} parameters there, {list(map(len, numbers))} here")
    keys = [*chain(*found), *state["state"]]
    if not all(type(key) is int for key in keys) or not set(keys) <= set(chain(*numbers)):
        raise ValueError("its parameters have no whole numbers")


def states_of_a_step(optimizer: Optimizer) -> dict[int, dict] | None:
    """The states that an optimiser of this kind and these settings has of its parameters after a step, without content.

    None if it cannot be tried without a model, such as one whose step needs a loss.
    """
    groups = []
    for group in optimizer.param_groups:
        parameters = [_without_content(one).requires_grad_() for one in group["params"]]
        for parameter in parameters:
            parameter.grad = torch.empty_like(parameter, requires_grad=False)
        groups.append({**group, **{name: False for name in FAST if name in group}, "params": parameters})
    try:
        twin = type(optimizer)(groups)
        twin.step()
    except (TypeError, ValueError, ArithmeticError, LookupError, RuntimeError, AttributeError):
        return None
    return twin.state_dict()["state"]


def _without_content(parameter: Tensor) -> Tensor:
    if isinstance(parameter, DTensor):
        return torch.empty(parameter.shape, dtype=parameter.dtype, device="meta")
    return torch.empty_like(parameter, device="meta")


def load_scheduler(scheduler: _ParamScheduler, state: dict) -> None:
    """Gives a scheduler its state back.

    Raises:
        ValueError: if the state is none that it can have: what the config sets must be as in the config.
    """
    own = scheduler.state_dict()
    check_like(own, state, "it")
    for name in parameters_of(type(scheduler))[0].keys() & own.keys() - {"last_step"}:
        if state[name] != own[name]:
            raise ValueError(f"{name} is {state[name]}, and {own[name]} by the config")
    if not -1 <= state["last_step"] <= state["_global_step"]:
        raise ValueError(f"last_step is {state['last_step']}")
    scheduler.load_state_dict(state)


def replay(schedulers: Iterable[_ParamScheduler], iterations: int, iters_per_epoch: int) -> None:
    """Takes new schedulers through finished iterations, so that they stand where they would had the run had them.

    Args:
        schedulers: as they were built, of groups that have their settings of the run's start.
        iterations: how many are finished.
        iters_per_epoch: of the run.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Detected call of `scheduler.step")  # before an optimiser's
        for finished in range(1, iterations + 1):
            for scheduler in schedulers:
                if not scheduler.by_epoch:
                    scheduler.step()
            if finished % iters_per_epoch == 0:
                for scheduler in schedulers:
                    if scheduler.by_epoch:
                        scheduler.step()
