"""Training a coarse-to-fine head stage by stage."""

from collections.abc import Sequence

from mmengine.hooks import Hook

from mdetools.errors import UserError
from mdetools.registry import HOOKS

__all__ = ["CoarseToFineHook", "stage_at"]


def stage_at(progress: float, begin: Sequence[float]) -> int:
    """The stage, from 1 on, of a run of which `progress` (0 to 1) is done; stage i starts at `begin[i - 1]`."""
    return sum(progress >= start for start in begin)


@HOOKS.register_module()
class CoarseToFineHook(Hook):
    """Lets `model.head` predict, and learn, one resolution more at each stage: Garg et al., ECCV 2016, section 3.2.

    Each stage starts from the weights of the one before; the layers that only later stages use stay as they were made.
    The head has an attribute `stage` and a method `enter_stage(stage)`, as `CoarseToFineHead`. The stage follows from
    the epoch alone, so that a resumed run goes on at the right one.

    Args:
        begin: for each stage the part of the run, from 0 to 1, after which it starts; rising, the first one 0.
    """

    priority = "VERY_HIGH"  # before whatever looks at the model

    def __init__(self, begin: Sequence[float] = (0.0, 0.2, 0.4, 0.6, 0.8)) -> None:
        if not begin or begin[0] != 0 or any(b <= a for a, b in zip(begin, begin[1:], strict=False)) or begin[-1] >= 1:
            raise UserError(f"CoarseToFineHook: begin is {tuple(begin)}; expected rising numbers from 0 to below 1")
        self.begin = tuple(begin)

    def before_train(self, runner) -> None:
        """Checks that the head has these stages, and enters that of the last iteration, which may yet be validated."""
        head = runner.bare_model.head
        if not hasattr(head, "enter_stage"):
            raise UserError(
                f"CoarseToFineHook needs a head with stages, such as CoarseToFineHead, and the model has a "
                f"{type(head).__name__}; set default_hooks.stages=None"
            )
        if len(self.begin) > head.stage:
            raise UserError(f"CoarseToFineHook: begin has {len(self.begin)} stages, and the model's head {head.stage}")
        entered = {stage_at(epoch / runner.max_epochs, self.begin) for epoch in range(runner.max_epochs)}
        skipped = sorted(set(range(1, len(self.begin) + 1)) - entered)
        if skipped:
            runner.logger.warning(
                f"coarse to fine: {runner.max_epochs} epochs are too few to enter stage {skipped} of their own; give "
                "more train_cfg.max_epochs, or fewer stages in default_hooks.stages.begin"
            )
        self.enter(runner, max(runner.iter - 1, 0) // len(runner.train_dataloader))

    def before_train_epoch(self, runner) -> None:
        """Enters the stage of this epoch."""
        self.enter(runner, runner.epoch)

    def enter(self, runner, epoch: int) -> None:
        """Makes `epoch`'s stage the head's."""
        head = runner.bare_model.head
        stage = stage_at(epoch / runner.max_epochs, self.begin)
        if stage == head.stage:
            return
        head.enter_stage(stage)
        if runner.distributed:
            # The wrapper waits for a gradient of every parameter that was trainable when it was made.
            runner.model = runner.wrap_model(runner.cfg.get("model_wrapper_cfg"), runner.bare_model)
        runner.logger.info(f"coarse to fine: stage {stage} of {len(self.begin)}")
