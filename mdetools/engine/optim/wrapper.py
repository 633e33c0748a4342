"""MMEngine's optimiser wrapper, with a guard that may refuse a step."""

from mmengine.optim import OptimWrapper as MMEngineOptimWrapper
from torch import Tensor
from torch.nn.utils import clip_grads_with_norm_

from mdetools.engine.optim.step_guard import StepGuard
from mdetools.engine.sharded_tensors import total_norm
from mdetools.registry import OPTIM_WRAPPERS

__all__ = ["OptimWrapper"]


@OPTIM_WRAPPERS.register_module()
class OptimWrapper(MMEngineOptimWrapper):
    """Steps, clips and accumulates as MMEngine's does, and leaves out a step that its guard refuses.

    A refused step leaves weights and optimiser as they were, and its gradients are thrown away, with accumulation those
    of all its iterations. The backward pass runs all the same, so that distributed ranks stay in step.

    Attributes:
        guard: set by `NonFiniteHook`; None refuses nothing.
        scaler: of the gradients, in a subclass that has one.
    """

    guard: StepGuard | None = None
    scaler = None

    @property
    def skipped(self) -> bool:
        """Whether the last iteration ended with a step that was left out."""
        return self.guard is not None and self.guard.refused

    def update_params(self, loss: Tensor, step_kwargs: dict | None = None, zero_kwargs: dict | None = None) -> None:
        """Backward pass, and a step where its turn has come."""
        if self.guard is not None:
            self.guard.watch(loss)
        super().update_params(loss, step_kwargs, zero_kwargs)

    def step(self, **kwargs) -> None:
        """One optimiser step, unless the guard refuses it."""
        if self.prepare_gradients():
            self.optimizer.step(**kwargs)

    def prepare_gradients(self) -> bool:
        """Clips the gradients as `clip_grad` says; False if the guard refuses the step, and they stay as they are."""
        if self.guard is None:
            if self.clip_grad_kwargs:
                self._clip_grad()
            return True
        clipping = dict(self.clip_grad_kwargs or {})
        by_norm = bool(clipping) and self.grad_name == "grad_norm"
        max_norm = clipping.pop("max_norm", None)
        parameters = [p for group in self.optimizer.param_groups for p in group["params"] if p.grad is not None]
        norm = total_norm([p.grad for p in parameters], **(clipping if by_norm else {}))
        admitted, value = self.guard.admits(norm, parameters, self.scaler)
        self.message_hub.update_scalar("train/grad_norm", value)
        if admitted and by_norm:  # the second half of `clip_grad_norm_`
            clip_grads_with_norm_(parameters, max_norm, norm, clipping.get("foreach"))
        elif admitted and clipping:
            self.clip_func(parameters, **clipping)
        return admitted
