"""Speed-ups that change how a model runs and not what it computes."""

import torch
from mmengine.hooks import Hook

from mdetools.engine.sharded_tensors import is_sharded
from mdetools.errors import UserError
from mdetools.registry import HOOKS

__all__ = ["ChannelsLastHook", "CompileHook"]


@HOOKS.register_module()
class CompileHook(Hook):
    """Compiles `model.backbone` in place, so that names in checkpoints stay as they are.

    MMEngine's own `compile` setting compiles the whole training step, optimiser wrapper and logging included.

    Args:
        mode: of `torch.compile`.
        dynamic: whether to compile for any image size at once.
    """

    def __init__(self, mode: str = "default", dynamic: bool | None = None) -> None:
        self.options = {"mode": mode, "dynamic": dynamic}

    def before_train(self, runner) -> None:
        """Compiles before the first step."""
        runner.bare_model.backbone.compile(**self.options)


@HOOKS.register_module()
class ChannelsLastHook(Hook):
    """Stores convolution weights with the channels last, the layout of fast GPU convolutions."""

    def before_run(self, runner) -> None:
        """Converts the model in place.

        Raises:
            UserError: if it is shared out between the processes.
        """
        if is_sharded(runner.bare_model):
            raise UserError(
                "ChannelsLastHook cannot lay out the weights of a FullyShardedModel; set "
                "default_hooks.channels_last=None, or leave model_wrapper_cfg out"
            )
        runner.bare_model.to(memory_format=torch.channels_last)
        if runner.distributed:  # the wrapper has laid out its gradients as the weights were when it was made
            runner.model = runner.wrap_model(runner.cfg.get("model_wrapper_cfg"), runner.bare_model)
