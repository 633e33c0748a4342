"""Mixed precision that runs on GPUs and on CPUs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.logging import print_log
from torch import Tensor, nn

from mdetools.engine.optim.wrapper import OptimWrapper
from mdetools.errors import UserError
from mdetools.registry import OPTIM_WRAPPERS

__all__ = ["AmpOptimWrapper"]

DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}


@OPTIM_WRAPPERS.register_module()
class AmpOptimWrapper(OptimWrapper):
    """Autocast in fp16, with loss scaling, or in bf16, which needs none.

    MMEngine's class of this name asserts a GPU. Here fp16 becomes bf16 on a machine without one, and the log says so.

    Args:
        optimizer: the optimiser, built by the constructor.
        dtype: "fp16" or "bf16".
        accumulative_counts: iterations whose gradients are added up before a step.
        clip_grad: arguments of `clip_grad_norm_`.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        dtype: str = "bf16",
        accumulative_counts: int = 1,
        clip_grad: dict | None = None,
    ) -> None:
        super().__init__(optimizer, accumulative_counts, clip_grad)
        if dtype not in DTYPES:
            raise UserError(f"AmpOptimWrapper has no dtype '{dtype}'; expected one of: {', '.join(DTYPES)}")
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        if dtype == "fp16" and self.device == "cpu":
            print_log("no GPU: training in bf16 in place of fp16", "current", logging.WARNING)
            dtype = "bf16"
        self.dtype = DTYPES[dtype]
        self.scaler = torch.amp.GradScaler(self.device, enabled=dtype == "fp16")

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Autocast around the forward pass."""
        with super().optim_context(model), torch.autocast(self.device, self.dtype):
            yield

    def backward(self, loss: Tensor, **kwargs) -> None:
        """Backward pass of the scaled loss."""
        super().backward(self.scaler.scale(loss), **kwargs)

    def step(self, **kwargs) -> None:
        """One optimiser step; left out by the scaler where a gradient overflowed, or by the guard."""
        if self.clip_grad_kwargs or self.guard is not None:
            self.scaler.unscale_(self.optimizer)
        if self.prepare_gradients():
            self.scaler.step(self.optimizer, **kwargs)
            self.scaler.update()
        else:
            self.scaler.update(self.scaler.get_scale())  # nothing has overflowed, so that the scale stays

    def state_dict(self) -> dict:
        """State of the optimiser and the scaler."""
        return {**super().state_dict(), "scaler": self.scaler.state_dict()}

    def load_state_dict(self, state_dict: dict) -> None:
        """Takes what `state_dict` gave; the scaler's part may be missing, if the run began without AMP."""
        scaler = state_dict.pop("scaler", None)
        if scaler:
            self.scaler.load_state_dict(scaler)
        super().load_state_dict(state_dict)
