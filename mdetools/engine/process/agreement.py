"""What any rank says, all know."""

from collections.abc import Callable

import torch
from mmengine.device import get_device
from mmengine.dist import is_distributed
from torch import distributed

__all__ = ["Agreement"]


class Agreement:
    """What any rank says, all know: at once in a single process, one exchange later in several.

    The answer of an exchange is read at the next one, by when it has arrived: neither the GPU's queue runs dry nor does
    a rank wait for the others, and all read the same answer at the same step.
    """

    def __init__(self) -> None:
        self.pending: Callable[[], bool] | None = None

    def exchange(self, mine: bool) -> bool:
        """Says `mine` to all, and returns whether any rank said yes in the exchange before."""
        if not is_distributed():
            return mine
        before = self.answer()
        self.pending = say(mine)
        return before

    def answer(self) -> bool:
        """Whether any rank said yes in the last exchange; it is read once."""
        pending, self.pending = self.pending, None
        return pending is not None and pending()


def say(mine: bool) -> Callable[[], bool]:
    """Starts to find out whether any rank says yes; returns what waits for the answer."""
    flag = torch.full((1,), float(mine), device=get_device())
    work = distributed.all_reduce(flag, distributed.ReduceOp.MAX, async_op=True)
    if not flag.is_cuda:
        return lambda: bool(work.wait() and flag.item())
    work.wait()  # of the stream, not of this process
    answer = torch.empty(1, pin_memory=True)
    answer.copy_(flag, non_blocking=True)
    copied = torch.cuda.Event()
    copied.record()
    return lambda: copied.synchronize() or bool(answer.item())
