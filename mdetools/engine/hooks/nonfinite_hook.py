"""What becomes of a training step whose loss or gradient is not finite."""

import math

import torch
from mmengine.dist import all_gather_object
from mmengine.hooks import Hook
from torch import Tensor

from mdetools.engine.optim.step_guard import StepGuard
from mdetools.engine.optim.wrapper import OptimWrapper
from mdetools.engine.sharded_tensors import whole
from mdetools.errors import UserError
from mdetools.registry import HOOKS

__all__ = ["NonFiniteHook"]

SHOWN_IDS = 8


@HOOKS.register_module()
class NonFiniteHook(Hook):
    """Skips optimiser steps whose loss or gradient is NaN or infinite, counts them, and stops a run that has only such.

    A skipped step leaves weights, buffers, the optimiser and averaged weights as they were; iterations and schedules go
    on. With gradient accumulation a step is that of several iterations, and is skipped as a whole. In several
    processes all of them skip together. A gradient that overflowed by the scale of fp16 is the scaler's affair.

    Args:
        max_in_a_row: how many steps in a row are skipped before the run stops.
        interval: iterations between two warnings in the log.

    Raises:
        UserError: if a number is below 1.
    """

    changes_training = False  # but where it would be spoilt
    priority = "HIGH"  # before the hooks that average, log and write what a step has left

    def __init__(self, max_in_a_row: int = 10, interval: int = 10) -> None:
        for name, count in {"max_in_a_row": max_in_a_row, "interval": interval}.items():
            if count < 1:
                raise UserError(f"NonFiniteHook: {name} is {count}, expected 1 or more")
        self.max_in_a_row = max_in_a_row
        self.interval = interval
        self.total = 0
        self.in_a_row = 0
        self.silent_until = 0
        self.seen: list[tuple[dict[str, Tensor], list[str]]] = []  # losses and ids of a step's iterations
        self.buffers: list[Tensor] = []
        self.kept: list[Tensor] = []  # the buffers as they were before the step's forward passes

    def state_dict(self) -> dict:
        """How many steps were skipped, and how many of them just now."""
        return {"total": self.total, "in_a_row": self.in_a_row}

    def load_state_dict(self, state: dict) -> None:
        """Takes what `state_dict` gave."""
        self.total, self.in_a_row = state["total"], state["in_a_row"]

    def before_train(self, runner) -> None:
        """Sets the guard of the optimiser's steps.

        Raises:
            UserError: if the optimiser's wrapper takes none, or the weights are not finite from the start.
        """
        wrapper = runner.optim_wrapper
        if not isinstance(wrapper, OptimWrapper):
            raise UserError(
                f"NonFiniteHook needs an optimiser wrapper that can leave out a step, and {type(wrapper).__name__} is "
                "none; derive it from mdetools.engine.optim.OptimWrapper, or set default_hooks.nonfinite=None"
            )
        state = runner.bare_model.state_dict()
        check_weights(
            state,
            "before the first step; start from other weights (pretrained.checkpoint, load_from), or look at how the "
            "model makes its own",
        )
        wrapper.guard = StepGuard()
        self.buffers = [buffer for name, buffer in runner.bare_model.named_buffers() if name in state]

    def before_train_iter(self, runner, batch_idx: int, data_batch=None) -> None:
        """Keeps what the forward passes of a step may change."""
        if runner.optim_wrapper.should_update():
            self.seen.clear()
            self.kept = [buffer.clone() for buffer in self.buffers]

    def after_train_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Counts the step if it was skipped.

        Raises:
            UserError: after `max_in_a_row` of them.
        """
        losses = {name: value.detach() for name, value in outputs.items() if "loss" in name}
        self.seen.append((losses, list(data_batch.get("meta", {}).get("id", []))))
        if runner.optim_wrapper.skipped:
            for buffer, kept in zip(self.buffers, self.kept, strict=True):
                buffer.copy_(kept)
            self.total += 1
            self.in_a_row += 1
            self.tell(runner, runner.iter + 1)
        elif runner.optim_wrapper.should_update():
            self.in_a_row = 0
        runner.message_hub.update_scalar("train/skipped_steps", self.total)

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """Keeps a model that an optimiser has spoilt by itself from taking the place of a good checkpoint.

        Raises:
            UserError: if a weight is not finite.
        """
        check_weights(
            checkpoint["state_dict"],
            "though all losses and gradients of the steps taken were; this checkpoint is not written and the ones "
            "before stay; lower optim_wrapper.optimizer.lr, or look at the optimiser's other values, such as eps",
        )

    def after_train(self, runner) -> None:
        """Sums up."""
        if self.total:
            runner.logger.warning(f"{self.total} steps of the training were not finite and were skipped")

    def tell(self, runner, iteration: int) -> None:
        """Warns of a skipped step, or ends the run."""
        cause = self.cause(runner.bare_model, runner.optim_wrapper.guard)
        if self.in_a_row >= self.max_in_a_row:
            raise UserError(
                f"{self.in_a_row} steps in a row were not finite and were skipped, the last one at iteration "
                f"{iteration}: {cause}; look at these samples, lower optim_wrapper.optimizer.lr, or raise "
                "default_hooks.nonfinite.max_in_a_row; the weights in the last checkpoint are finite"
            )
        if iteration >= self.silent_until:
            self.silent_until = iteration + self.interval
            runner.logger.warning(f"iteration {iteration}: step skipped: {cause}; {self.total} skipped so far")

    def cause(self, model: torch.nn.Module, guard: StepGuard) -> str:
        """The first loss of any process that is not finite, or else the gradient, and the samples it came of."""
        everywhere = all_gather_object([(not_finite(losses), ids) for losses, ids in self.seen])
        batches = [batch for batches in everywhere for batch in batches]
        for loss, ids in batches:
            if loss:
                return f"{loss}{listed(ids)}"
        name = next((name for name, parameter in model.named_parameters() if parameter is guard.culprit), None)
        what = f"the gradient of {name}" if name else "the norm of the gradients"
        return f"{what} is not finite{listed([name for _, ids in batches for name in ids])}"


def check_weights(state: dict[str, Tensor], explanation: str) -> None:
    """Raises UserError, with the explanation, if a weight or a buffer is not finite."""
    for name, value in state.items():
        if not whole(value.isfinite().all()):
            raise UserError(f"the model's '{name}' is not finite {explanation}")


def not_finite(losses: dict[str, Tensor]) -> str | None:
    """The first term that is not finite, with its value, such as "loss_silog is nan"; their sum only for want of one.

    >>> nan = math.nan
    >>> not_finite({"loss": torch.tensor(nan), "loss_l1": torch.tensor(0.5), "loss_silog": torch.tensor(nan)})
    'loss_silog is nan'
    """
    values = {name: float(value) for name, value in losses.items()}
    wrong = sorted((name for name in values if not math.isfinite(values[name])), key="loss".__eq__)
    return f"{wrong[0]} is {values[wrong[0]]}" if wrong else None


def listed(ids: list[str]) -> str:
    """The samples in brackets, the first of many; nothing where there are no ids.

    >>> listed(["a", "b"])
    ' (samples a, b)'
    """
    more = f" and {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
    return f" (samples {', '.join(map(str, ids[:SHOWN_IDS]))}{more})" if ids else ""
