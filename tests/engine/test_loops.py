"""The training loop: seeds, hooks' batch numbers, and data sets that are too small."""

import random

import numpy as np
import pytest
import torch
from support.tiny_training import in_child, train

from mdetools.engine.loops import seed_iteration
from mdetools.registry import DATA_SAMPLERS


def draws(seed, iteration, rank):
    """One number from each random generator right after seeding."""
    seed_iteration(seed, iteration, rank)
    return random.random(), np.random.random(), torch.rand(()).item()


def test_randomness_follows_from_seed_iteration_and_rank():
    cases = [(seed, iteration, rank) for seed in (0, 42) for iteration in (0, 1, 100) for rank in (0, 1)]
    first = {case: draws(*case) for case in cases}
    for generator in range(3):
        assert len({values[generator] for values in first.values()}) == len(cases)
    for case in reversed(cases):
        random.seed(), np.random.seed(), torch.seed()
        assert draws(*case) == first[case]


def test_a_batch_larger_than_the_data_set_is_a_mistake(tiny_nyu, tmp_path):
    options = {"train_dataloader.batch_size": 8, "visualizer.vis_backends": []}
    assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path, options) == 1
    assert (tmp_path / "log").read_text().splitlines()[-1] == (
        "mdetools.errors.UserError: the training set has 7 samples on 1 process(es), fewer than one batch of 8; "
        "lower train_dataloader.batch_size or add data"
    )


def test_a_sampler_that_cannot_begin_within_an_epoch_is_a_mistake(tiny_nyu, tmp_path):
    options = {"train_dataloader.sampler.type": "DefaultSampler", "visualizer.vis_backends": []}
    assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path, options) == 1
    assert (tmp_path / "log").read_text().splitlines()[-1] == (
        "mdetools.errors.UserError: train_dataloader.sampler is DefaultSampler, which cannot begin within an epoch; "
        "expected one with set_epoch(epoch, start): set train_dataloader.sampler.type=EpochSampler"
    )


@DATA_SAMPLERS.register_module()
class OwnBatches(list):
    """A batch sampler that does not say how it makes its batches."""

    def __init__(self, sampler, batch_size):
        super().__init__([[index] for index in sampler])


def test_a_batch_sampler_that_cannot_begin_within_an_epoch_is_a_mistake(tiny_nyu, tmp_path):
    options = {"train_dataloader.batch_sampler.type": "OwnBatches", "visualizer.vis_backends": []}
    assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path, options) == 1
    last = (tmp_path / "log").read_text().splitlines()[-1]
    assert last.startswith(
        "mdetools.errors.UserError: train_dataloader.batch_sampler is OwnBatches, which has no sampler or no"
    )


@pytest.mark.parametrize(
    "options, epochs",
    [
        ({"train_cfg.val_interval": 2}, [2, 3]),
        ({"train_cfg.val_begin": 3}, [3]),
    ],
)
def test_when_validations_come(tiny_nyu, tmp_path, options, epochs):
    options = options | {"train_cfg.max_epochs": 3, "visualizer.vis_backends": [], "default_hooks.pictures": None}
    assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path, options) == 0
    text = (tmp_path / "log").read_text()
    assert [epoch for epoch in (1, 2, 3) if f"Epoch(val) [{epoch}][5/5]" in text] == epochs


def test_resume_without_a_checkpoint_begins_at_the_beginning(tiny_nyu, tmp_path):
    options = {"train_cfg.max_epochs": 1, "visualizer.vis_backends": [], "default_hooks.pictures": None}
    assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path, options, "auto") == 0
    text = (tmp_path / "log").read_text()
    assert f"{tmp_path} has no checkpoint to resume from; training begins at the start" in text
    assert "Epoch(train) [1][1/3]" in text


def test_mmengines_helpers_of_hooks_count_epochs_as_they_do_in_its_own_loop(tiny_nyu, tmp_path):
    """`runner.epoch` is that of the epoch that ends, until its hooks are done."""
    log = tmp_path / "log"
    options = {"custom_hooks": [{"type": "support.tiny_training.EpochsHook", "file": str(tmp_path / "epochs")}]}
    options |= {"train_cfg.max_epochs": 3, "train_cfg.val_begin": 9}
    assert in_child(log, train, tiny_nyu, tmp_path / "run", options) == 0, log.read_text()
    assert (tmp_path / "epochs").read_text().split() == ["0", "1:second", "2:last"]
