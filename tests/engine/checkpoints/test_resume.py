"""A run that is killed at any moment and resumed ends with the same bits as one that never was."""

import pytest
import torch
from support.commands import run_train
from support.tiny_training import in_child, in_two_processes, train, write_nyu_frames

from mdetools.engine.checkpoints.files import last_checkpoint
from mdetools.engine.configs.loading import load_config
from mdetools.weights.files import read_checkpoint

PLAIN = {"visualizer.vis_backends": [], "default_hooks.pictures": None, "model.backbone.drop_path_rate": 0.3}
EMA = {"default_hooks.ema": {"type": "EMAHook", "momentum": 0.1}}
ACCUMULATION = {"optim_wrapper.accumulative_counts": 2, "default_hooks.checkpoint.interval_iters": 2}
WORKERS = {"train_dataloader.num_workers": 2, "val_dataloader.num_workers": 1}


def kill_at(moment, iteration):
    return {"custom_hooks": [{"type": "KillHook", "moment": moment, "iteration": iteration}]}


def differences(left, right, path="checkpoint"):
    """Where two checkpoints differ by a bit, apart from the text of the config and the time."""
    if isinstance(left, dict):
        assert left.keys() == right.keys(), (path, left.keys() ^ right.keys())
        keys = [key for key in left if (path, key) != ("checkpoint.meta", "cfg")]
        return [found for key in keys for found in differences(left[key], right[key], f"{path}.{key}")]
    if isinstance(left, list):
        assert len(left) == len(right), path
        pairs = enumerate(zip(left, right, strict=True))
        return [found for index, (a, b) in pairs for found in differences(a, b, f"{path}.{index}")]
    same = torch.equal(left, right) if torch.is_tensor(left) else left == right
    return [] if same else [path]


def final(work_dir):
    return read_checkpoint(work_dir / "epoch_2.pth")


def kill_and_resume(config, folder, options, moment, iteration, run=in_child, launcher="none"):
    """Trains until the hook kills, then again with --resume; returns what is resumed from and the last checkpoint."""
    assert run(folder / "killed.log", train, config, folder, options | kill_at(moment, iteration), None, launcher) == -9
    assert not (folder / "epoch_2.pth").exists()
    middle = last_checkpoint(folder)
    for path in folder.glob("*.pth"):
        read_checkpoint(path)  # whatever is there is whole
    assert run(folder / "resumed.log", train, config, folder, options, "auto", launcher) == 0, (
        folder / "resumed.log"
    ).read_text()
    return middle.name, final(folder)


@pytest.fixture(scope="module")
def whole(tiny_nyu, tmp_path_factory):
    """The last checkpoint of a run that was never killed."""
    folder = tmp_path_factory.mktemp("whole")
    assert in_child(folder / "log", train, tiny_nyu, folder, PLAIN) == 0, (folder / "log").read_text()
    return final(folder)


@pytest.mark.parametrize(
    "moment, iteration, resumed_from",
    [
        ("step", 5, "iter_5.pth"),  # in mid-epoch
        pytest.param("writing", 5, "iter_4.pth", marks=pytest.mark.slow),
        ("writing", 3, "iter_2.pth"),  # the checkpoint of an epoch, when its schedulers have stepped
        ("validation", 3, "epoch_1.pth"),
    ],
)
def test_killed_and_resumed_run_ends_with_the_same_bits(tiny_nyu, whole, tmp_path, moment, iteration, resumed_from):
    """With two loader processes, while the run that was never killed has none."""
    middle, resumed = kill_and_resume(tiny_nyu, tmp_path, PLAIN | WORKERS, moment, iteration)
    assert middle == resumed_from
    assert resumed["parts"]["optim_wrapper"]["state"] and resumed["meta"]["iter"] == 6
    assert differences(whole, resumed) == []


def test_the_comparison_sees_one_changed_bit(whole):
    changed = {**whole, "state_dict": {key: value.clone() for key, value in whole["state_dict"].items()}}
    weight = changed["state_dict"]["head.output_conv3.weight"]
    weight.view(torch.int32)[0, 0] ^= 1
    assert differences(whole, changed) == ["checkpoint.state_dict.head.output_conv3.weight"]


@pytest.mark.parametrize(
    "moment, iteration, resumed_from", [("validation", 3, "iter_2.pth"), ("step", 5, "iter_4.pth")]
)
def test_resume_with_averaged_weights_and_accumulation_over_an_epoch_boundary(
    tiny_nyu, accumulated, tmp_path, moment, iteration, resumed_from
):
    """Iterations 3 and 4 make one step, so epoch 1 ends between two gradients and has no checkpoint of its own."""
    middle, resumed = kill_and_resume(tiny_nyu, tmp_path, PLAIN | EMA | ACCUMULATION, moment, iteration)
    assert middle == resumed_from
    assert differences(accumulated, resumed) == []


@pytest.fixture(scope="module")
def accumulated(tiny_nyu, tmp_path_factory):
    """The last checkpoint of a whole run with EMA and accumulation."""
    folder = tmp_path_factory.mktemp("accumulated")
    assert in_child(folder / "log", train, tiny_nyu, folder, PLAIN | EMA | ACCUMULATION) == 0
    checkpoint = final(folder)
    averaged = checkpoint["state_dict"]["head.output_conv3.weight"]
    assert not torch.equal(averaged, checkpoint["ema_state_dict"]["module.head.output_conv3.weight"])
    return checkpoint


@pytest.mark.slow
def test_resume_in_two_processes(tiny_nyu, tmp_path):
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    whole.mkdir()
    resumed.mkdir()
    assert in_two_processes(whole / "log", train, tiny_nyu, whole, PLAIN, None, "pytorch") == 0
    middle, checkpoint = kill_and_resume(tiny_nyu, resumed, PLAIN, "step", 3, in_two_processes, "pytorch")
    assert middle == "iter_3.pth"  # 4 of 7 frames per process make 2 iterations per epoch
    assert checkpoint["meta"]["world_size"] == 2
    assert differences(final(whole), checkpoint) == []


BATCHES = {"train_dataloader.batch_sampler": {"type": "torch.utils.data.BatchSampler"}}


def test_resume_with_a_batch_sampler(tiny_nyu, whole, tmp_path):
    """torch's own, named in the config, makes the very batches that a loader makes of a batch size."""
    middle, resumed = kill_and_resume(tiny_nyu, tmp_path, PLAIN | BATCHES, "step", 5)
    assert middle == "iter_5.pth"
    assert differences(whole, resumed) == []


@pytest.mark.slow
@pytest.mark.parametrize(("run", "launcher"), [(in_child, "none"), (in_two_processes, "pytorch")])
@pytest.mark.parametrize("batches", [{}, BATCHES])
def test_resume_with_rounds_of_two_data_sets(tiny_nyu, tmp_path, run, launcher, batches):
    """One frame of a part and two of the other in each batch; the part of two frames comes several times per epoch."""
    leaf = dict(load_config(str(tiny_nyu)).train_dataloader.dataset)
    few = {"type": "SubsetDataset", "dataset": leaf, "indices": [0, 3]}
    options = (
        PLAIN
        | batches
        | {
            "train_dataloader.dataset": {
                "_delete_": True,
                "type": "ConcatDataset",
                "datasets": {"few": few, "all": leaf},
            },
            "train_dataloader.sampler": {"_delete_": True, "type": "RatioSampler", "ratio": (1, 2)},
            "train_dataloader.batch_size": 3,
        }
    )
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    whole.mkdir()
    resumed.mkdir()
    assert run(whole / "log", train, tiny_nyu, whole, options, None, launcher) == 0, (whole / "log").read_text()
    per_epoch = 4 if run is in_child else 2
    middle, checkpoint = kill_and_resume(tiny_nyu, resumed, options, "step", per_epoch + 1, run, launcher)
    assert middle == f"iter_{per_epoch + 1}.pth" and checkpoint["meta"]["iter"] == 2 * per_epoch
    assert differences(final(whole), checkpoint) == []


def test_a_drawn_seed_is_kept(tiny_nyu, tmp_path):
    """Without a seed in the config each start draws another one, which a resumed run must not."""
    options = PLAIN | {"randomness": {"seed": None}}
    _, resumed = kill_and_resume(tiny_nyu, tmp_path, options, "step", 5)
    seed = resumed["meta"]["seed"]
    whole = tmp_path / "whole"
    whole.mkdir()
    assert in_child(whole / "log", train, tiny_nyu, whole, PLAIN | {"randomness.seed": seed}) == 0
    assert differences(final(whole), resumed) == []


@pytest.mark.slow
def test_command_line_resumes(tiny_nyu, whole, tmp_path):
    """The whole way once, with fresh interpreters: tools/train.py, killed, then with --resume."""
    options = [f"{key}={value}" for key, value in PLAIN.items()]

    def run(*extra, cfg_options=()):
        return run_train(tiny_nyu, "--work-dir", tmp_path, *extra, "--cfg-options", *options, *cfg_options)

    killed = run(cfg_options=[f"{key}={value}" for key, value in kill_at("writing", 5).items()])
    assert killed.returncode == -9, killed.stderr
    resumed = run("--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert "iter_4.pth at epoch 1, iteration 4" in resumed.stdout + resumed.stderr
    assert differences(whole, final(tmp_path)) == []


def test_weights_alone_cannot_be_resumed(tiny_nyu, whole, tmp_path):
    weights = tmp_path / "best_abs_rel.pth"
    torch.save({key: whole[key] for key in ("meta", "state_dict")}, weights)
    assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path, PLAIN, str(weights)) == 1
    assert (tmp_path / "log").read_text().splitlines()[-1] == (
        f"mdetools.errors.UserError: '{weights}' holds weights alone and cannot be resumed; use load_from or "
        "pretrained.checkpoint"
    )


@pytest.mark.parametrize(
    "options, message",
    [
        (
            {"train_dataloader.batch_size": 3, "optim_wrapper.optimizer.lr": 0.5, "model.head.output.max_depth": 80.0},
            "model.head.output.max_depth 10.0 (now 80.0), optim_wrapper.optimizer.lr 0.001 (now 0.5), "
            "train_dataloader.batch_size 2 (now 3); resume with the same settings, or take new ones knowingly with "
            "--resume-with model.head.output.max_depth, or start again from its weights with load_from",
        ),
        ({"model.head.features": 16}, "model.head.features 8 (now 16); resume"),
        ({"param_scheduler": None}, "param_scheduler.lr {'convert_to_iter_based': True, 'start_factor': 0.001, 't"),
        (
            {"train_dataloader.dataset.pipeline": {"_delete_": True, "pack": {"type": "PackSample"}}}
            | {"train_dataloader.drop_last": False, "train_dataloader.sampler.shuffle": False}
            | {"optim_wrapper.clip_grad.max_norm": 1.0},
            " and 2 more; resume",
        ),
    ],
)
def test_a_run_that_is_another_one_is_refused(tiny_nyu, whole, tmp_path, options, message):
    line = refusal(tiny_nyu, tmp_path, whole, options)
    assert line.startswith(f"mdetools.errors.UserError: '{tmp_path / 'other.pth'}' was written with ")
    assert message in line


def test_files_that_were_added_to_the_data_are_named(tiny_nyu, whole, tmp_path):
    fewer = write_nyu_frames(tmp_path / "data", train=4)
    line = refusal(tiny_nyu, tmp_path, whole, {"train_dataloader.dataset.data_root": str(fewer)})
    assert "was written with iters_per_epoch 3 (now 2); resume" in line


def refusal(tiny_nyu, folder, checkpoint, options, resume_with=()):
    """The last line of a run that is to go on from a checkpoint and cannot."""
    torch.save(checkpoint, folder / "other.pth")
    arguments = (tiny_nyu, folder, PLAIN | options, str(folder / "other.pth"), "none", resume_with)
    assert in_child(folder / "log", train, *arguments) == 1
    return (folder / "log").read_text().splitlines()[-1]


def test_other_groups_of_parameters_are_refused(tiny_nyu, whole, tmp_path):
    key = "optim_wrapper.paramwise_cfg.decay_all"
    line = refusal(tiny_nyu, tmp_path, whole, {key: False}, [key])
    assert f"UserError: the state of optim_wrapper in '{tmp_path / 'other.pth'}' does not fit this run's (" in line
    assert line.endswith("or start again from its weights with load_from")


def as_of_0_1(checkpoint):
    """The checkpoint in the form in which version 0.1 wrote it."""
    parts = checkpoint["parts"]
    rest = {key: value for key, value in checkpoint.items() if key != "parts"}
    return rest | {
        "optimizer": parts["optim_wrapper"],
        "param_schedulers": [parts["param_scheduler.lr"]],
        "hooks": {"CheckpointHook": parts["default_hooks.checkpoint"]},
    }


def test_a_checkpoint_of_0_1_is_not_resumed_but_gives_its_weights(tiny_nyu, whole, tmp_path):
    line = refusal(tiny_nyu, tmp_path, as_of_0_1(whole), {})
    assert line == (
        f"mdetools.errors.UserError: '{tmp_path / 'other.pth'}' is of mdetools 0.1, whose runs this version cannot "
        "resume, only start from; use load_from or pretrained.checkpoint"
    )
    for options in ({"load_from": str(tmp_path / "other.pth")}, {"pretrained.checkpoint": str(tmp_path / "other.pth")}):
        assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path / "run", PLAIN | options) == 0
    text = (tmp_path / "log").read_text()
    assert f"loaded {tmp_path / 'other.pth'}\n" in text
    assert f"from {tmp_path / 'other.pth'}\n" in text


def test_another_project_s_training_state_is_refused(tiny_nyu, whole, tmp_path):
    foreign = {"model": whole["state_dict"], "optimizer": {}, "epoch": 3, "previous_best": {}}
    assert "holds weights alone and cannot be resumed" in refusal(tiny_nyu, tmp_path, foreign, {})


def test_what_a_run_began_with_is_needed_no_more(tiny_nyu, whole, tmp_path):
    """`--resume` with the command line of the first start: weights to begin with, which have gone since."""
    torch.save(whole, tmp_path / "epoch_2.pth")
    (tmp_path / "last_checkpoint").write_text("epoch_2.pth")
    options = PLAIN | {"pretrained.checkpoint": str(tmp_path / "gone.pth"), "load_from": str(tmp_path / "gone.pth")}
    assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path, options, "auto") == 0
    assert f"resumed {tmp_path / 'epoch_2.pth'} at epoch 2" in (tmp_path / "log").read_text()


def test_resume_without_a_checkpoint_begins_with_load_from(tiny_nyu, whole, tmp_path):
    torch.save(whole, tmp_path / "start.pth")
    options = PLAIN | {"load_from": str(tmp_path / "start.pth")}
    assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path / "run", options, "auto") == 0
    text = (tmp_path / "log").read_text()
    assert f"{tmp_path / 'run'} has no checkpoint to resume from; training begins at the start" in text
    assert f"loaded {tmp_path / 'start.pth'}" in text
    assert final(tmp_path / "run")["meta"]["iter"] == 6
