"""Averaged weights."""

from mmengine.hooks import EMAHook as MMEngineEMAHook

from mdetools.registry import HOOKS

__all__ = ["EMAHook"]


@HOOKS.register_module()
class EMAHook(MMEngineEMAHook):
    """MMEngine's, which averages the weights after each iteration; not after one whose step was skipped."""

    def after_train_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Takes the weights into the average."""
        if not getattr(runner.optim_wrapper, "skipped", False):
            super().after_train_iter(runner, batch_idx, data_batch, outputs)
