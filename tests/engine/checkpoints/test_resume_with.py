"""`--resume-with`: settings that the user changes knowingly really take effect."""

import json
import math
from pathlib import Path

import pytest
from mmengine.hooks import Hook
from support.commands import run_train
from support.tiny_training import in_child, train

from mdetools.registry import HOOKS
from mdetools.weights.files import read_checkpoint

PLAIN = {"visualizer.vis_backends": [], "default_hooks.pictures": None, "default_hooks.checkpoint.max_keep": 9}
LR = "optim_wrapper.optimizer.lr"
POLY = {"param_scheduler.lr": {"_delete_": True, "type": "PolynomialLR", "power": 2, "convert_to_iter_based": True}}
STEPS = {"param_scheduler": [{"type": "LinearLR", "start_factor": 0.5, "end": 3, "by_epoch": False}]}
STEPS["param_scheduler"] += [{"type": "StepLR", "step_size": 1, "gamma": 0.1}]


@HOOKS.register_module()
class SettingsHook(Hook):
    """Writes what each step is made with: iteration, encoder's learning rate, decay, betas, maximal depth, batch."""

    changes_training = False

    def __init__(self, file):
        self.file = file

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        group = runner.optim_wrapper.optimizer.param_groups[0]
        row = [runner.iter, group["lr"], group["weight_decay"], *group.get("betas", ())]
        row += [runner.seed, len(data_batch["image"]), runner.bare_model.head.output.max_depth]
        with Path(self.file).open("a") as file:
            file.write(json.dumps(row) + "\n")


def run(config, folder, options, resume=None, resume_with=()):
    """Trains; returns the exit code, the rows of the hook and the log."""
    folder.mkdir(exist_ok=True)
    (folder / "rows").unlink(missing_ok=True)
    (folder / "log").unlink(missing_ok=True)
    options = PLAIN | {"custom_hooks": [{"type": "SettingsHook", "file": str(folder / "rows")}]} | options
    code = in_child(folder / "log", train, config, folder, options, resume, "none", resume_with)
    rows = (folder / "rows").read_text().splitlines() if (folder / "rows").exists() else []
    return code, [json.loads(row) for row in rows], (folder / "log").read_text()


@pytest.fixture(scope="module")
def whole(tiny_nyu, tmp_path_factory):
    """A run of two epochs of three iterations with a warm-up and a cosine, and all its checkpoints."""
    folder = tmp_path_factory.mktemp("whole")
    code, rows, log = run(tiny_nyu, folder, {})
    assert code == 0 and len(rows) == 6, log
    return folder


def cosine(step, lr, total=6, warmup=1):
    return lr * (1e-3 if step < warmup else 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup))))


@pytest.mark.parametrize(
    ("options", "keys", "rates"),
    [
        ({LR: 0.5}, [LR], [cosine(4, 0.5), cosine(5, 0.5)]),
        ({LR: 0.5} | POLY, ["optim_wrapper", "param_scheduler"], [0.5 * (2 / 6) ** 2, 0.5 * (1 / 6) ** 2]),
        (POLY, ["param_scheduler.lr"], [1e-3 * (2 / 6) ** 2, 1e-3 * (1 / 6) ** 2]),
        ({"param_scheduler": None}, ["param_scheduler"], [1e-3, 1e-3]),
        ({LR: 0.5, "param_scheduler": None}, [LR, "param_scheduler.lr"], [0.5, 0.5]),
        ({LR: 0.4} | STEPS, [LR, "param_scheduler"], [0.04, 0.04]),
        ({"train_cfg.max_epochs": 3}, ["train_cfg.max_epochs"], [cosine(n, 1e-3, 9) for n in range(4, 9)]),
    ],
)
def test_the_learning_rate_is_the_new_one(tiny_nyu, whole, tmp_path, options, keys, rates):
    """As the schedule gives it at this iteration, in closed form; whatever the optimiser's state says."""
    code, rows, log = run(tiny_nyu, tmp_path / "run", options, str(whole / "iter_4.pth"), keys)
    assert code == 0, log
    assert [row[0] for row in rows] == list(range(4, 4 + len(rates)))
    assert [row[1] for row in rows] == pytest.approx(rates, rel=1e-9)


def test_decay_betas_precision_depth_and_seed(tiny_nyu, whole, tmp_path):
    """The moments stay the checkpoint's."""
    changes = {"optim_wrapper.optimizer.weight_decay": 0.3, "optim_wrapper.optimizer.betas": (0.5, 0.6)}
    changes |= {"optim_wrapper.type": "AmpOptimWrapper", "optim_wrapper.dtype": "bf16", "randomness.seed": 7}
    changes |= {"model.head.output.max_depth": 20.0}
    source = str(whole / "iter_4.pth")
    code, rows, log = run(tiny_nyu, tmp_path / "run", changes, source, ["optim_wrapper", "randomness", "model"])
    assert code == 0, log
    assert rows == [[n, pytest.approx(cosine(n, 1e-3)), 0.3, 0.5, 0.6, 7, 2, 20.0] for n in (4, 5)]
    assert "resumed with other settings, knowingly: optim_wrapper.optimizer.weight_decay 0.01 (now 0.3)" in log
    state = read_checkpoint(tmp_path / "run" / "epoch_2.pth")["parts"]["optim_wrapper"]
    assert state["state"][0]["step"] == 6 and state["param_groups"][0]["weight_decay"] == 0.3


def test_only_a_changed_run_differs(tiny_nyu, whole, tmp_path):
    """Accepted and killed again, it goes on without the key, to the same bits as without the kill."""
    change, killed = {LR: 0.5}, {"type": "KillHook", "moment": "step", "iteration": 5}
    source = str(whole / "iter_4.pth")
    assert run(tiny_nyu, tmp_path / "a", change, source, [LR])[0] == 0
    hooks = {"custom_hooks": [{"type": "SettingsHook", "file": str(tmp_path / "x")}, killed]}
    assert run(tiny_nyu, tmp_path / "b", change | hooks, source, [LR])[0] == -9
    code, rows, log = run(tiny_nyu, tmp_path / "b", change, "auto")
    assert code == 0 and [row[:2] for row in rows] == [[5, pytest.approx(cosine(5, 0.5))]], log
    first, second = (read_checkpoint(tmp_path / name / "epoch_2.pth")["state_dict"] for name in "ab")
    assert all(first[name].equal(second[name]) for name in first)
    code, _, log = run(tiny_nyu, tmp_path / "b", change, "auto", [LR])
    assert code == 1 and f"--resume-with {LR} names nothing that differs: '" in log
    assert "has the same settings; leave it out" in log.splitlines()[-1]


@pytest.mark.parametrize("key", ["optim_wrapper.optimizer.lt", "optim_wrapper.optimizer.l", "", "model", "lr"])
def test_a_key_without_a_difference_is_one_line_with_what_differs(tiny_nyu, whole, tmp_path, key):
    code, _, log = run(tiny_nyu, tmp_path / "run", {LR: 0.5}, str(whole / "iter_4.pth"), [key])
    assert code == 1 and log.splitlines()[-1] == (
        f"mdetools.errors.UserError: --resume-with {key} names nothing that differs: '{whole / 'iter_4.pth'}' was "
        f"written with {LR} 0.001 (now 0.5); leave it out, or name what differs"
    )


def test_ranks_started_again_may_find_the_change_in_the_newest_checkpoint(tiny_nyu, whole, tmp_path, monkeypatch):
    """As `--max-restarts` starts them: torch elastic sets the variable."""
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    code, rows, log = run(tiny_nyu, tmp_path, {}, str(whole / "epoch_1.pth"), [LR])
    assert code == 0 and [row[0] for row in rows] == [3, 4, 5], log


def test_epochs_of_another_length_begin_at_an_epoch_s_end(tiny_nyu, whole, tmp_path):
    change, keys = {"train_dataloader.batch_size": 3}, ["train_dataloader.batch_size"]
    code, _, log = run(tiny_nyu, tmp_path / "run", change, str(whole / "iter_4.pth"), keys)
    assert code == 1 and log.splitlines()[-1].endswith(
        "was written at iteration 1 of 3 of an epoch, which has 2 iterations now; resume from the checkpoint of an "
        "epoch's end, such as epoch_1.pth"
    )
    code, rows, log = run(tiny_nyu, tmp_path / "run", change, str(whole / "epoch_1.pth"), keys)
    assert code == 0 and "at epoch 1, iteration 2" in log
    assert [(row[0], row[-2]) for row in rows] == [(2, 3), (3, 3)]
    assert [row[1] for row in rows] == pytest.approx([cosine(n, 1e-3, total=4) for n in (2, 3)])


def test_another_optimiser_begins_without_moments(tiny_nyu, whole, tmp_path):
    change = {"optim_wrapper.optimizer": {"_delete_": True, "type": "SGD", "lr": 0.1, "momentum": 0.9}}
    code, rows, log = run(tiny_nyu, tmp_path / "run", change, str(whole / "iter_4.pth"), ["optim_wrapper.optimizer"])
    assert code == 0 and [row[1] for row in rows] == pytest.approx([cosine(4, 0.1), cosine(5, 0.1)]), log
    state = read_checkpoint(tmp_path / "run" / "epoch_2.pth")["parts"]["optim_wrapper"]["state"]
    assert state[0].keys() == {"momentum_buffer"}


def test_a_run_shorter_than_the_checkpoint(tiny_nyu, whole, tmp_path):
    change = {"train_cfg.max_epochs": 1}
    code, _, log = run(tiny_nyu, tmp_path / "run", change, str(whole / "iter_4.pth"), ["train_cfg"])
    assert code == 1 and "was written after 4 iterations, and the run ends after 3; resume from an earlier" in log


def test_averages_can_be_left(tiny_nyu, tmp_path):
    """The checkpoint's own weights are the averaged ones; without the hook the run goes on from those it trained."""
    ema = {"default_hooks.ema": {"type": "EMAHook", "momentum": 0.1}, "train_cfg.max_epochs": 1}
    assert run(tiny_nyu, tmp_path / "with", ema)[0] == 0
    source = tmp_path / "with" / "epoch_1.pth"
    without = {"train_cfg.max_epochs": 1, "default_hooks.checkpoint.best": None}
    code, _, log = run(tiny_nyu, tmp_path / "a", without, str(source))
    assert code == 1 and "was written with default_hooks.ema {'momentum': 0.1, 'type': 'EMAHook'} (now not set)" in log
    more = {"train_cfg.max_epochs": 2} | {LR: 0.0, "optim_wrapper.optimizer.weight_decay": 0.0}
    keys = ["default_hooks.ema", "train_cfg", "optim_wrapper"]
    assert run(tiny_nyu, tmp_path / "b", more, str(source), keys)[0] == 0
    trained = read_checkpoint(source)["ema_state_dict"]
    after = read_checkpoint(tmp_path / "b" / "epoch_2.pth")["state_dict"]
    assert all(trained[f"module.{name}"].equal(after[name]) for name in after)


def test_the_command_line(tiny_nyu, tmp_path):
    options = ["--cfg-options", *(f"{key}={value}" for key, value in PLAIN.items()), f"{LR}=0.5"]
    code = run_train(tiny_nyu, "--work-dir", tmp_path, "--resume-with", LR, *options)
    assert code.returncode == 2 and code.stderr.splitlines()[-1] == (
        f"error: --resume-with {LR} is for a run that is resumed; add --resume, or leave it out"
    )
