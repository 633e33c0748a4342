"""Whether an optimiser's step is taken: not where a loss or a gradient is not finite."""

import math
from collections.abc import Sequence

import torch
from mmengine.dist import all_reduce
from torch import Tensor, nn

from mdetools.engine.sharded_tensors import whole

__all__ = ["StepGuard"]


class StepGuard:
    """Refuses the steps whose losses or gradients are not finite, in all processes at once.

    Each loss leaves a trace: 0 while all of them are finite, NaN from the first on that is not. The traces of all
    processes are added to the norm of the gradients, which are the same in all of them, so that the host waits for the
    device once per step, where it reads that norm.

    Attributes:
        refused: whether the last backward pass ended with a step that was refused.
        culprit: the first parameter whose gradient made that so; None if it was a loss, or the norm alone.
    """

    def __init__(self) -> None:
        self.refused = False
        self.culprit: nn.Parameter | None = None
        self.trace: Tensor | float = 0.0

    def watch(self, loss: Tensor) -> None:
        """Takes notice of a loss whose gradients the next step is to follow, without waiting for the device."""
        self.refused, self.culprit = False, None
        self.trace = self.trace + 0 * loss.detach().float()

    def admits(
        self, norm: Tensor, parameters: Sequence[nn.Parameter], scaler: torch.amp.GradScaler | None = None
    ) -> tuple[bool, float]:
        """Whether the step may be taken, and the norm as a number; waits for the device.

        Args:
            norm: of all gradients, a scalar; after the scaler has unscaled them, where there is one.
            parameters: those with a gradient.
            scaler: an enabled one passes over a step whose gradients overflowed by its scale, and lowers it; that is
                its own affair while the scale is 1 or more.
        """
        trace, self.trace = torch.as_tensor(self.trace, device=norm.device), 0.0
        all_reduce(trace)
        value = float(norm + trace)
        if math.isfinite(value):
            return True, value
        losses_finite = float(trace) == 0
        overflowed = scaler is not None and scaler.is_enabled() and scaler.get_scale() >= 1
        self.refused = not (losses_finite and overflowed)
        if self.refused and losses_finite:
            found = (parameter for parameter in parameters if not whole(parameter.grad.isfinite().all()))
            self.culprit = next(found, None)
        return not self.refused, value
