"""One line that a person can read, and tags by groups."""

import json
import re
from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MessageHub
from support.tiny_training import in_child, train

from mdetools.engine.hooks.stats_hook import learning_rates
from mdetools.engine.log_processor import LogProcessor
from mdetools.engine.optim import encoder_decoder_groups


@pytest.fixture
def runner():
    """In iteration 1,206 of 30 epochs of 654 iterations."""
    hub = MessageHub(name="lines")
    hub.update_info("eta", 3725.4)
    return SimpleNamespace(
        message_hub=hub, epoch=1, iter=1205, max_epochs=30, max_iters=19620, train_dataloader=range(654),
        train_loop=SimpleNamespace(dataloader=range(654)), val_loop=SimpleNamespace(dataloader=range(50)),
        _train_loop=SimpleNamespace(),
    )  # fmt: skip


def feed(runner, **series):
    for tag, values in series.items():
        for value in values:
            runner.message_hub.update_scalar(tag.replace("__", "/"), value)


def test_a_line_of_training(runner):
    feed(runner, train__loss=[3.0, 1.0], train__loss_silog=[2.0, 0.5], train__loss_smooth=[1.0, 0.5])
    feed(runner, train__time=[0.5], train__data_time=[0.1], train__grad_norm=[7.0], train__memory_mib=[1234.6])
    feed(runner, train__lr=[1e-6], train__base_lr=[1e-6], lr__encoder=[1e-6], lr__decoder=[1e-5])
    feed(runner, train__images_per_second=[10.0, 30.0], train__skipped_steps=[0, 1])
    tags, line = LogProcessor().get_log_after_iter(runner, 551, "train")
    assert line == (
        "Epoch(train) [ 2][552/654]  step: 1206/19620  eta: 1:02:05  loss: 2.0000  loss_silog: 1.2500  "
        "loss_smooth: 0.7500  lr: encoder 1.00e-06, decoder 1.00e-05  images/s: 15.0  memory: 1235 MiB"
    )
    assert tags == {
        "train/loss": 2.0, "train/loss_silog": 1.25, "train/loss_smooth": 0.75, "train/time": 0.5,
        "train/data_time": 0.1, "train/grad_norm": 7.0, "train/memory_mib": 1234.6, "train/epoch": 2,
        "train/images_per_second": pytest.approx(2 / (1 / 10 + 1 / 30)), "train/skipped_steps": 1,
        "lr/encoder": 1e-6, "lr/decoder": 1e-5,
    }  # fmt: skip


def test_means_are_over_the_window_and_over_what_is_finite(runner):
    feed(runner, train__loss=[100.0, 1.0, float("nan"), 2.0], train__loss_a=[float("inf")] * 4, train__epochs=[1, 2])
    tags, line = LogProcessor(window_size=3).get_log_after_iter(runner, 0, "train")
    assert tags["train/loss"] == 1.5 and tags["train/epochs"] == 2
    assert "train/loss_a" not in tags and "loss: 1.5000  loss_a: nan" in line  # JSON has no NaN
    json.loads(json.dumps(tags, allow_nan=False))


def test_a_validations_results_are_the_latest_whatever_their_names_and_its_times_are_its_own(runner):
    feed(runner, train__time=[9.0] * 50, val__time=[5.0] * 50 + [1.0] * 50, val__data_time=[0.5] * 100)
    feed(runner, val__abs_rel=[0.3, 0.1], val__nyu__loss=[4.0, 2.0], val__lifetime=[3, 1])
    runner.message_hub.update_info("val/classes", "a b")
    runner.epoch = 2
    tags, line = LogProcessor().get_log_after_epoch(runner, 50, "val")
    assert tags == {
        "val/time": 1.0, "val/data_time": 0.5, "val/abs_rel": 0.1, "val/nyu/loss": 2.0, "val/lifetime": 1
    }  # fmt: skip
    assert line == "Epoch(val) [ 2][50/50]  abs_rel: 0.1000  nyu/loss: 2.0000  lifetime: 1  classes: a b"
    _, line = LogProcessor().get_log_after_iter(runner, 9, "val")
    assert line == "Epoch(val) [ 2][10/50]  eta: 1:02:05"


def test_without_the_hooks_that_measure_the_line_is_shorter(runner):
    runner.message_hub.pop_info("eta")
    feed(runner, train__loss=[1.0])
    assert LogProcessor().get_log_after_iter(runner, 0, "train")[1] == (
        "Epoch(train) [ 2][  1/654]  step: 1206/19620  loss: 1.0000"
    )


def test_the_rates_of_groups_are_those_of_parts():
    model = torch.nn.ModuleDict({name: torch.nn.Linear(2, 2) for name in ("backbone", "head", "other")})
    groups = encoder_decoder_groups(model, 1e-6, 10.0, decay_all=False, lr_mult={"other": 20.0})
    assert len(groups) == 6
    assert learning_rates(groups) == pytest.approx({"encoder": 1e-6, "decoder": 1e-5, "other": 2e-5})
    assert learning_rates([{"lr": 0.1}] * 200) == {"0": 0.1}


def test_the_lines_of_a_run(tiny_nyu, tmp_path):
    """A whole run: its lines, and what it leaves in scalars.json."""
    log = tmp_path / "log"
    options = {"visualizer.vis_backends": [{"type": "LocalVisBackend"}], "default_hooks.pictures": None}
    options["optim_wrapper.paramwise_cfg.decay_all"] = False
    assert in_child(log, train, tiny_nyu, tmp_path, options) == 0, log.read_text()
    lines = [line.partition("INFO - ")[2] for line in log.read_text().splitlines()]
    shown = [line for line in lines if line.startswith("Epoch(train)")]
    pattern = (
        r"Epoch\(train\) \[\d\]\[\d/3\]  step: \d/6  eta: \d:\d\d:\d\d  loss: 0\.\d{4}  loss_silog: 0\.\d{4}  "
        r"lr: encoder \d\.\d\de-\d\d, decoder \d\.\d\de-\d\d  images/s: \d+\.\d  memory: \d+ MiB"
    )
    assert len(shown) == 6 and all(re.fullmatch(pattern, line) for line in shown)
    assert not [line for line in lines if "Exp name" in line]
    (file,) = tmp_path.glob("**/scalars.json")
    written = [json.loads(line) for line in file.read_text().splitlines()]
    assert [entry["step"] for entry in written] == [1, 2, 3, 3, 4, 5, 6, 6]
    groups = [{key.partition("/")[0] for key in entry} - {"step"} for entry in written]
    assert groups == [{"train", "lr"}] * 3 + [{"val"}] + [{"train", "lr"}] * 3 + [{"val"}]
