"""A loss that is not finite where a test wants it, and what each process makes of it."""

from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.logging import MessageHub
from torch import nn

from mdetools.models.losses import SiLogLoss

__all__ = ["FAULTS", "FaultyLoss", "KeepRanksHook"]


def infinite_gradient(loss: torch.Tensor) -> torch.Tensor:
    """The same value, with the gradient of a square root at 0."""
    return loss + (loss - loss.detach()).sqrt()


# What each makes of a loss; of "inf" the gradients are finite, and of "masked" 0.
FAULTS = {
    "nan": lambda loss: loss * torch.nan,
    "inf": lambda loss: loss + torch.inf,
    "masked": lambda loss: torch.where(torch.tensor(False), loss, torch.nan),
    "gradient": infinite_gradient,
}


class FaultyLoss(nn.Module):
    """SiLogLoss, but for some iterations.

    Args:
        fault: a key of `FAULTS`.
        iterations: numbers of iterations, from 1 on; None stands for all.
        rank: the process that is at fault; None stands for all.
    """

    def __init__(self, fault: str, iterations: Sequence[int] | None = None, rank: int | None = None) -> None:
        super().__init__()
        self.loss = SiLogLoss()
        self.fault, self.iterations, self.rank = fault, iterations, rank

    def forward(self, prediction, targets):
        loss = self.loss(prediction, targets)
        iteration = MessageHub.get_current_instance().get_info("iter") + 1
        due = self.iterations is None or iteration in self.iterations
        return FAULTS[self.fault](loss) if due and self.rank in (None, get_rank()) else loss


class KeepRanksHook(Hook):
    """Leaves what each process has at the end of a run, in files of their own.

    Args:
        folder: where to.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def after_train(self, runner) -> None:
        state = runner.optim_wrapper.optimizer.state.values()
        content = {
            "weights": runner.bare_model.state_dict(),
            "moments": {f"{index}.{key}": value for index, part in enumerate(state) for key, value in part.items()},
            "total": runner.named_hooks["default_hooks.nonfinite"].total,
        }
        torch.save(content, Path(self.folder) / f"rank{runner.rank}.pt")
