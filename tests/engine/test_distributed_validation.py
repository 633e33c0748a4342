"""Two gloo processes give the validation metrics of one, also when the set does not divide evenly."""

import json
import os

import pytest
import torch
from mmengine.dist import get_rank
from support.tiny_training import in_child, in_two_processes, train

from mdetools.engine.configs.loading import load_config
from mdetools.engine.process.distributed import share_buffers, start_process_group
from mdetools.engine.runner import Runner
from mdetools.engine.training import apply_train_options
from mdetools.weights.files import read_checkpoint

OPTIONS = {"visualizer.vis_backends": [], "default_hooks.pictures": None}


def validate(config, folder, options, launcher):
    """Validates the untrained model, the same for each seed, through the Runner."""
    cfg = load_config(str(config), options)
    apply_train_options(cfg, str(folder), launcher=launcher)
    Runner.from_cfg(cfg).val()


@pytest.mark.parametrize("batch_size", [1, 2])
def test_two_processes_give_the_metrics_of_one(tiny_nyu, tmp_path, batch_size):
    """5 images: with one per batch rank 1 gets a duplicate, with two the last batch of rank 1 holds one."""
    results = []
    for run, launcher in ((in_child, "none"), (in_two_processes, "pytorch")):
        out = tmp_path / f"{launcher}.json"
        options = {
            "val_dataloader.batch_size": batch_size,
            "val_evaluator.out_file": str(out),
            "visualizer.vis_backends": [],
        }
        log = tmp_path / f"{launcher}.log"
        assert run(log, validate, tiny_nyu, tmp_path / launcher, options, launcher) == 0, log.read_text()
        results.append(json.loads(out.read_text()))
    one, two = results
    assert [row["id"] for row in two["per_image"]] == [f"scene/{index:05d}" for index in range(5)]
    assert two["mean"] == pytest.approx(one["mean"], abs=1e-6)
    for left, right in zip(one["per_image"], two["per_image"], strict=True):
        assert right == pytest.approx(left, abs=1e-6)
    mean = sum(row["abs_rel"] for row in two["per_image"]) / 5
    assert two["mean"]["abs_rel"] == pytest.approx(mean, abs=1e-6)


def write_shared_statistics(folder):
    """Gives each rank its own running means, shares them, and writes what each then has."""
    start_process_group("pytorch")
    norm = torch.nn.BatchNorm2d(2)
    norm.running_mean.fill_(3.0 + get_rank())
    norm.num_batches_tracked.fill_(7 + get_rank())
    share_buffers(norm)
    torch.save(norm.state_dict(), folder / f"{get_rank()}.pth")


def test_the_statistics_of_batch_norms_are_the_first_process_s(tmp_path):
    """Checkpoints hold these, so a validation in training has to score these."""
    assert in_two_processes(tmp_path / "log", write_shared_statistics, tmp_path) == 0, (tmp_path / "log").read_text()
    for rank in range(2):
        state = read_checkpoint(tmp_path / f"{rank}.pth")
        assert state["running_mean"].tolist() == [3.0, 3.0] and state["num_batches_tracked"] == 7


def resume_where_one_has_a_checkpoint(config, folder):
    """Rank 1 has another work dir than rank 0, as on machines without a common disk."""
    rank = os.environ["RANK"]
    train(config, folder / rank, OPTIONS, "auto", "pytorch")


def test_processes_that_begin_at_different_iterations_are_refused(tiny_nyu, tmp_path):
    assert in_two_processes(tmp_path / "log", train, tiny_nyu, tmp_path / "0", OPTIONS, None, "pytorch") == 0
    assert in_two_processes(tmp_path / "log", resume_where_one_has_a_checkpoint, tiny_nyu, tmp_path) == 1
    assert "the processes would begin at different iterations, [4, 0]" in (tmp_path / "log").read_text()
