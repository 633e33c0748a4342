"""Two gloo processes give the validation metrics of one, also when the set does not divide evenly."""

import json

import pytest
from tiny_training import in_child, in_two_processes

from mdetools.engine.config import load_config
from mdetools.engine.launch import apply_train_options
from mdetools.engine.runner import DepthRunner


def validate(config, folder, options, launcher):
    """Validates the untrained model, the same for each seed, through the Runner."""
    cfg = load_config(str(config), options)
    apply_train_options(cfg, str(folder), launcher=launcher)
    DepthRunner.from_cfg(cfg).val()


@pytest.mark.parametrize("batch_size", [1, 2])
def test_two_processes_give_the_metrics_of_one(tiny_nyu, tmp_path, batch_size):
    """5 images: with one a batch rank 1 gets a duplicate, with two the last batch of rank 1 holds one."""
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
