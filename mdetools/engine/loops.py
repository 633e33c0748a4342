"""The training loop: epochs that can be left and entered again at any iteration."""

import inspect
import random

import numpy as np
import torch
from mmengine.runner import BaseLoop
from torch.utils.data import DataLoader, Sampler

from mdetools.engine.process.distributed import share_buffers
from mdetools.errors import UserError
from mdetools.registry import LOOPS

__all__ = ["EpochTrainLoop"]


@LOOPS.register_module()
class EpochTrainLoop(BaseLoop):
    """Trains for a number of epochs and validates in between.

    MMEngine's `EpochBasedTrainLoop` begins a resumed run at the start of an epoch. This one begins at the very
    iteration after the checkpoint, and seeds every iteration from (seed, iteration, rank), so that nothing random
    depends on what the process did before: a resumed run ends with the same weights as one that was never stopped.

    Args:
        runner: the Runner.
        dataloader: config of the training loader; its sampler is an `EpochSampler`, or another one that can begin
            within an epoch. A `batch_sampler` puts that sampler's samples into batches in turn.
        max_epochs: number of epochs.
        val_begin: the first epoch after which to validate.
        val_interval: epochs between validations; the last epoch is always validated.

    Raises:
        UserError: if the data set has fewer samples than one batch, or the sampler cannot begin within an epoch.
    """

    def __init__(
        self, runner, dataloader: dict | DataLoader, max_epochs: int, val_begin: int = 1, val_interval: int = 1
    ) -> None:
        super().__init__(runner, dataloader)
        # torch makes a batch sampler where the config has none.
        self.batch_sampler = self.dataloader.batch_sampler
        _check_sampler(self.batch_sampler)
        if len(self.dataloader) == 0:
            raise UserError(
                f"the training set has {len(self.dataloader.dataset)} samples on {runner.world_size} process(es), "
                f"fewer than one batch of {self.batch_sampler.batch_size}; lower train_dataloader.batch_size or add "
                "data"
            )
        self.max_epochs = max_epochs
        self.max_iters = max_epochs * len(self.dataloader)
        self.val_begin = val_begin
        self.val_interval = val_interval
        self.stop_training = False  # set by MMEngine's EarlyStoppingHook
        self.begin_at(0)

    def begin_at(self, iteration: int) -> None:
        """Makes `iteration` the number of finished iterations; `epoch` is that of whole epochs."""
        self.iter = iteration
        self.epoch = iteration // len(self.dataloader)

    def run(self) -> torch.nn.Module:
        """Trains to the end and returns the model."""
        self.runner.call_hook("before_train")
        if self.iter > 0 and self.iter % len(self.dataloader) == 0:
            self.validate()  # the run may have died after the checkpoint of an epoch and before its validation
        while self.epoch < self.max_epochs and not self.stop_training:
            self.run_epoch()
            self.validate()
        self.runner.call_hook("after_train")
        return self.runner.model

    def run_epoch(self) -> None:
        """Trains from the current iteration to the end of its epoch."""
        position = self.iter % len(self.dataloader)
        self.runner.call_hook("before_train_epoch")
        # After the hooks: MMEngine's DistSamplerSeedHook calls set_epoch too, without a start.
        self.batch_sampler.sampler.set_epoch(self.epoch, start=position * self.batch_sampler.batch_size)
        self.runner.model.train()
        # With `start` set the loader yields the rest of the epoch alone; hooks see the true batch index.
        for batch_idx, batch in enumerate(self.dataloader, start=position):
            self.run_iter(batch_idx, batch)
        self.runner.call_hook("after_train_epoch")
        self.epoch += 1  # after the hooks, which MMEngine's helpers rely on

    def run_iter(self, batch_idx: int, data_batch: dict) -> None:
        """One training step."""
        self.runner.call_hook("before_train_iter", batch_idx=batch_idx, data_batch=data_batch)
        seed_iteration(self.runner.seed, self.iter, self.runner.rank)
        outputs = self.runner.model.train_step(data_batch, optim_wrapper=self.runner.optim_wrapper)
        self.runner.call_hook("after_train_iter", batch_idx=batch_idx, data_batch=data_batch, outputs=outputs)
        self.iter += 1

    def validate(self) -> None:
        """Validates if this epoch's turn has come."""
        due = self.epoch % self.val_interval == 0 or self.epoch == self.max_epochs
        if self.runner.val_loop is not None and self.epoch >= self.val_begin and due:
            share_buffers(self.runner.bare_model)
            self.runner.val_loop.run()


def _check_sampler(batch_sampler: Sampler) -> None:
    if not (hasattr(batch_sampler, "sampler") and hasattr(batch_sampler, "batch_size")):
        raise UserError(
            f"train_dataloader.batch_sampler is {type(batch_sampler).__name__}, which has no sampler or no batch_size "
            "to begin within an epoch by; expected one that puts its sampler's samples into batches in turn, such as "
            "torch.utils.data.BatchSampler"
        )
    sampler = batch_sampler.sampler
    set_epoch = getattr(sampler, "set_epoch", None)
    if set_epoch is None or "start" not in inspect.signature(set_epoch).parameters:
        raise UserError(
            f"train_dataloader.sampler is {type(sampler).__name__}, which cannot begin within an epoch; expected one "
            "with set_epoch(epoch, start): set train_dataloader.sampler.type=EpochSampler"
        )


def seed_iteration(seed: int, iteration: int, rank: int) -> None:
    """Seeds Python, numpy and torch (all devices) for one training step."""
    words = np.random.SeedSequence((seed, iteration, rank)).generate_state(3)
    random.seed(int(words[0]))
    np.random.seed(words[1])
    torch.manual_seed(int(words[2]))
