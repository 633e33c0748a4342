"""Averaged weights."""

from mmengine.hooks import EMAHook as MMEngineEMAHook
from torch import nn

from mdetools.engine.sharded_tensors import is_sharded, take_whole_tensors
from mdetools.registry import HOOKS, MODELS

__all__ = ["EMAHook"]


@HOOKS.register_module()
class EMAHook(MMEngineEMAHook):
    """MMEngine's, which averages the weights after each iteration; not after one whose step was skipped.

    Of a model that is shared out (`FullyShardedModel`) each process averages its part.
    """

    def before_run(self, runner) -> None:
        """Makes the average."""
        if not is_sharded(runner.bare_model):
            super().before_run(runner)
            return
        self.src_model = runner.bare_model
        self.ema_model = MODELS.build(self.ema_cfg, default_args={"model": tensors_of(self.src_model)})
        take_whole_tensors(self.ema_model.module)

    def after_train_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Takes the weights into the average."""
        if not getattr(runner.optim_wrapper, "skipped", False):
            super().after_train_iter(runner, batch_idx, data_batch, outputs)


def tensors_of(module: nn.Module) -> nn.Module:
    """A module's parameters and buffers under their names in modules that compute nothing; FSDP2's cannot be copied."""
    twin = nn.Module()
    for name, parameter in module.named_parameters(recurse=False):
        twin.register_parameter(name, nn.Parameter(parameter.detach().clone(), parameter.requires_grad))
    for name, buffer in module.named_buffers(recurse=False):
        twin.register_buffer(name, buffer.clone(), name not in module._non_persistent_buffers_set)
    for name, child in module.named_children():
        twin.add_module(name, tensors_of(child))
    return twin
