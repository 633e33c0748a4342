"""Where a training stops after SIGTERM: at a finished step, with a checkpoint, all ranks at the same one."""

import os
import socket

from mmengine.dist import all_gather_object, barrier, is_distributed
from mmengine.hooks import EMAHook, Hook

from mdetools.engine.hooks.checkpoint_hook import CheckpointHook
from mdetools.engine.process.agreement import Agreement
from mdetools.engine.process.distributed import leave_process_group
from mdetools.engine.process.termination import Terminated, TerminationNotice
from mdetools.engine.sharded_tensors import is_sharded

__all__ = ["StopHook"]


class StopHook(Hook):
    """Ends a training that SIGTERM has asked to end, so that `--resume` loses nothing.

    After a training step all ranks agree to stop, the checkpoint is written, where the optimiser has just stepped, and
    each exits with 143. During a validation each rank stops at the next batch; the checkpoint is that of the last step.

    Args:
        notice: what has come.
    """

    priority = "LOW"  # before CheckpointHook

    def __init__(self, notice: TerminationNotice) -> None:
        self.notice = notice
        self.agreement = Agreement()
        self.stopping = False
        self.checkpoint: CheckpointHook | None = None

    def before_train(self, runner) -> None:
        """Begins to listen."""
        self.checkpoint = next((hook for hook in runner.hooks if isinstance(hook, CheckpointHook)), None)
        self.notice.listen(peers=processes_here())

    def after_train_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Tells the other ranks; asks for a checkpoint if it is time."""
        self._note(self.agreement.exchange(self.notice.requested))

    def after_train_epoch(self, runner) -> None:
        """Asks for a checkpoint if the last step's answer says so."""
        self._note(self.agreement.answer())

    def before_train_iter(self, runner, batch_idx: int, data_batch=None) -> None:
        """Stops if the checkpoint is written."""
        if self.stopping and not (self.checkpoint and self.checkpoint.due):
            barrier()  # until rank 0 has written
            self._tell(runner)
            leave_process_group()
            raise Terminated(told=True)

    def before_val(self, runner) -> None:
        """Stops between the last step of an epoch and its validation, which the resumed run makes up for."""
        self.before_train_iter(runner, 0)

    def after_val_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Stops within a validation, each rank by itself: the launcher has told all of them.

        Between two gradients of one step it goes on, as no checkpoint could hold what has been trained; and where each
        process has a part of the weights, as all of them have to write.
        """
        if not (self.notice.requested and runner.optim_wrapper.should_update()) or is_sharded(runner.bare_model):
            return
        for hook in runner.hooks:
            if isinstance(hook, EMAHook):
                hook.after_val_epoch(runner)  # which puts the weights back that are trained
        if self.checkpoint is not None:
            self.checkpoint.write_last(runner)
        self._tell(runner)
        raise Terminated(told=True)

    def _note(self, agreed: bool) -> None:
        if agreed:
            self.stopping = True
            if self.checkpoint is not None:
                self.checkpoint.due = True

    def _tell(self, runner) -> None:
        written = self.checkpoint.written[-1:] if self.checkpoint is not None else []
        what = f"{written[0]} is its checkpoint: go on with --resume" if written else "it has no checkpoint"
        runner.logger.info(f"SIGTERM: the training stops after iteration {runner.iter}; {what}")


def processes_here() -> list[int]:
    """Ids of the other ranks' processes on this machine."""
    if not is_distributed():
        return []
    found = all_gather_object((socket.gethostname(), os.getpid()))
    return [pid for host, pid in found if host == socket.gethostname() and pid != os.getpid()]
