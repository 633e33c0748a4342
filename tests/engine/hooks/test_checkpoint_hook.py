"""Which checkpoints are on disk, when, and which is the best."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from support.tiny_training import in_child, train

from mdetools.engine.checkpoints.files import last_checkpoint
from mdetools.engine.hooks import CheckpointHook
from mdetools.errors import UserError
from mdetools.evaluation import DepthMetric


class Run:
    """The part of a Runner that the hook uses: 3 iterations per epoch; each file holds the iteration."""

    def __init__(self, folder, accumulative_counts=1):
        self.work_path = Path(folder)
        self.train_dataloader = range(3)
        self.max_epochs = 10
        self.iter = self.epoch = 0
        self.resumes_from = self.resumes_named = None
        self.saved = []
        self.optim_wrapper = SimpleNamespace(should_update=self.has_stepped)
        self.accumulative_counts = accumulative_counts
        self.done = 0
        self.val_loop = SimpleNamespace(evaluator=SimpleNamespace(metrics=[]))
        warnings = []
        self.logger = SimpleNamespace(info=lambda line: None, warning=warnings.append, warnings=warnings)

    def has_stepped(self):
        return self.done % self.accumulative_counts == 0

    def save_checkpoint(self, path, iteration, content="run"):
        self.saved.append(path.name)
        path.write_text(f"{iteration} {content}")

    def save_weights(self, path, iteration):
        self.save_checkpoint(path, iteration, "weights")

    def step(self, hook):
        self.done += 1
        hook.after_train_iter(self, batch_idx=self.iter % 3)
        self.iter += 1
        if self.iter % 3 == 0:
            hook.after_train_epoch(self)
            self.epoch += 1

    def files(self):
        return sorted(path.name for path in self.work_path.iterdir())


def test_a_run_that_begins_anew_beside_another_is_told(tmp_path):
    (tmp_path / "iter_94.pth").touch()
    for source, told in ((tmp_path / "iter_94.pth", 0), (None, 1)):
        hook, run = CheckpointHook(best=None), Run(tmp_path)
        run.resumes_from = source
        hook.before_train(run)
        assert len(run.logger.warnings) == told
    assert (
        "has checkpoints of an earlier run, up to iter_94.pth; this one starts from the beginning"
        in run.logger.warnings[0]
    )


def test_max_keep_and_the_pointer(tmp_path):
    hook, run = CheckpointHook(interval_iters=2, max_keep=2), Run(tmp_path)
    written = []
    for _ in range(6):
        run.step(hook)
        written.append((run.files(), last_checkpoint(tmp_path)))
    pointer = "last_checkpoint"
    assert written == [
        ([], None),
        (["iter_2.pth", pointer], tmp_path / "iter_2.pth"),
        (["epoch_1.pth", "iter_2.pth", pointer], tmp_path / "epoch_1.pth"),
        (["epoch_1.pth", "iter_4.pth", pointer], tmp_path / "iter_4.pth"),
        (["epoch_1.pth", "iter_4.pth", pointer], tmp_path / "iter_4.pth"),
        (["epoch_2.pth", "iter_4.pth", pointer], tmp_path / "epoch_2.pth"),
    ]
    assert (tmp_path / "epoch_2.pth").read_text() == "6 run"


def go_on(run, source, before, **settings):
    """The hook of a run that goes on from the checkpoint `source`, which holds the state of the hook `before`."""
    hook = CheckpointHook(**(settings or {"max_keep": before.max_keep}))
    hook.load_state_dict(before.state_dict())
    run.resumes_from = source
    hook.before_train(run)
    return hook


def test_a_resumed_run_goes_on_deleting(tmp_path):
    before, run = CheckpointHook(max_keep=1), Run(tmp_path)
    for _ in range(3):
        run.step(before)
    (tmp_path / "iter_2.pth").touch()  # which the process before could not yet delete when it was killed
    (tmp_path / "iter_90.pth").touch()  # beyond, of a run that went on otherwise
    after = go_on(run, tmp_path / "epoch_1.pth", before)
    for _ in range(3):
        run.step(after)
    assert run.files() == ["epoch_1.pth", "epoch_2.pth", "iter_90.pth", "last_checkpoint"]
    after = go_on(run, tmp_path / "epoch_2.pth", after)
    for _ in range(3):
        run.step(after)
    assert run.files() == ["epoch_2.pth", "epoch_3.pth", "iter_90.pth", "last_checkpoint"]


def test_a_checkpoint_that_the_user_named_is_kept_for_ever(tmp_path):
    """Over two further kills, also where it is not the newest, and where the run is killed before its next one."""
    hook, run = CheckpointHook(interval_iters=1, max_keep=2), Run(tmp_path)
    for _ in range(3):
        run.step(hook)
    assert run.files() == ["epoch_1.pth", "iter_2.pth", "last_checkpoint"]
    run.iter, run.epoch, run.resumes_named = 2, 0, str(tmp_path / "iter_2.pth")
    go_on(run, str(tmp_path / "iter_2.pth"), CheckpointHook(), interval_iters=1, max_keep=2)
    assert last_checkpoint(tmp_path) == tmp_path / "iter_2.pth"
    hook = go_on(run, str(tmp_path / "iter_2.pth"), CheckpointHook(), interval_iters=1, max_keep=2)
    for _ in range(2):
        run.step(hook)
    for newest in ("iter_4.pth", "epoch_2.pth"):
        run.resumes_named = None
        hook = go_on(run, tmp_path / newest, hook, interval_iters=1, max_keep=1)
        for _ in range(2):
            run.step(hook)
    assert run.files() == ["epoch_2.pth", "iter_2.pth", "iter_8.pth", "last_checkpoint"]


@pytest.mark.parametrize("state", [{}, {"best_score": "high"}, {"best_score": None, "named": [1]}, {"best_score": []}])
def test_a_state_of_another_kind_is_refused(state):
    with pytest.raises((TypeError, KeyError)):
        CheckpointHook().load_state_dict(state)


def test_interval_in_epochs_and_the_last_epoch(tmp_path):
    hook, run = CheckpointHook(interval_epochs=4, max_keep=9), Run(tmp_path)
    for _ in range(30):
        run.step(hook)
    assert run.saved == ["epoch_4.pth", "epoch_8.pth", "epoch_10.pth"]


def test_no_checkpoint_between_two_gradients_of_one_step(tmp_path):
    hook, run = CheckpointHook(max_keep=9), Run(tmp_path, accumulative_counts=2)
    for _ in range(12):
        run.step(hook)
    assert run.saved == ["iter_4.pth", "epoch_2.pth", "iter_10.pth", "epoch_4.pth"]


@pytest.mark.parametrize(
    "greater_is_better, scores, kept",
    [(False, [0.5, 0.7, 0.4, 0.4, 0.6], [0, 2]), (True, [0.5, 0.7, 0.4, 0.7, 0.8], [0, 1, 4])],
)
def test_the_best_file_is_replaced_by_a_better_one_only(tmp_path, greater_is_better, scores, kept):
    hook, run = CheckpointHook(best="score", greater_is_better=greater_is_better), Run(tmp_path)
    for index, score in enumerate(scores):
        run.iter = index + 1
        hook.after_val_epoch(run, {"score": score, "other": 0})
    assert run.saved == ["best_score.pth"] * len(kept)
    assert (tmp_path / "best_score.pth").read_text() == f"{kept[-1] + 1} weights"
    resumed = CheckpointHook(best="score", greater_is_better=greater_is_better)
    resumed.load_state_dict(hook.state_dict())
    resumed.after_val_epoch(run, {"score": scores[kept[-1]]})
    assert len(run.saved) == len(kept)


class Classes:
    """A plugin's metric."""

    prefix = "room"
    higher_is_better = {"top1": True, "log_loss": False}


@pytest.mark.parametrize(
    ("best", "kept"),
    [
        ("d1", 0.9),
        ("abs_rel", 0.2),
        ("nyu/d1", 0.9),
        ("nyu/abs_rel", 0.2),
        ("room/top1", 0.9),
        ("room/log_loss", 0.2),
    ],
)
def test_the_direction_follows_from_the_metric(tmp_path, best, kept):
    hook, run = CheckpointHook(best=best), Run(tmp_path)
    run.val_loop.evaluator.metrics = [Classes(), DepthMetric(), DepthMetric(prefix="nyu"), object()]
    hook.before_train(run)
    for run.iter, score in enumerate([0.5, 0.9, 0.2], start=1):
        hook.after_val_epoch(run, {best: score})
    assert hook.best_score == kept
    assert run.files() == [f"best_{best.replace('/', '_')}.pth"]
    assert run.logger.warnings == []


@pytest.mark.parametrize("best", ["bias", "d1", "top1", "nyu/top1"])
def test_without_a_direction_the_lowest_is_the_best_and_the_log_says_so(tmp_path, best):
    """A column without its metric's prefix is none of that metric's."""
    hook, run = CheckpointHook(best=best), Run(tmp_path)
    run.val_loop.evaluator.metrics = [Classes(), DepthMetric(prefix="nyu")]
    hook.before_train(run)
    assert hook.greater_is_better is False
    assert run.logger.warnings == [
        f"CheckpointHook: no metric says whether a higher '{best}' is better, and so the lowest is the best; set "
        "default_hooks.checkpoint.greater_is_better, or give the metric a higher_is_better that has it"
    ]


def test_a_direction_that_is_given_wins_and_none_is_needed_without_validation(tmp_path):
    hook, run = CheckpointHook(best="nyu/d1", greater_is_better=False), Run(tmp_path)
    run.val_loop.evaluator.metrics = [DepthMetric(prefix="nyu")]
    hook.before_train(run)
    assert hook.greater_is_better is False
    run.val_loop = None
    CheckpointHook(best="d1").before_train(run)
    CheckpointHook(best=None).before_train(run)
    assert run.logger.warnings == []


def test_a_metric_s_prefix_reaches_the_best_file_s_name(tiny_nyu, tmp_path):
    options = {"visualizer.vis_backends": [], "default_hooks.pictures": None, "val_evaluator.prefix": "nyu"}
    options |= {"default_hooks.checkpoint.best": "nyu/d1", "train_cfg.max_epochs": 3}
    assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path / "run", options) == 0, (tmp_path / "log").read_text()
    text = (tmp_path / "log").read_text()
    scores = [float(score) for score in re.findall(r"nyu/d1: ([0-9.]+)", text)]
    told = [float(score) for score in re.findall(r"best nyu/d1 so far: ([0-9.]+)", text)]
    assert len(scores) == 3 and told[-1] == max(scores)
    assert (tmp_path / "run" / "best_nyu_d1.pth").is_file()


def test_a_score_that_is_no_number_is_never_the_best(tmp_path):
    hook, run = CheckpointHook(best="score"), Run(tmp_path)
    for run.iter, score in enumerate([float("nan"), 0.3, float("-inf"), 0.2], start=1):
        hook.after_val_epoch(run, {"score": score})
    assert run.saved == ["best_score.pth"] * 2
    assert (tmp_path / "best_score.pth").read_text() == "4 weights"
    assert run.logger.warnings == [f"score is {score}: not taken for the best model" for score in ("nan", "-inf")]


def test_in_another_work_dir_the_best_is_chosen_again(tmp_path):
    """The run goes on from a checkpoint whose best file, and whose older checkpoints, lie elsewhere."""
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    before, run = CheckpointHook(best="score", max_keep=1), Run(tmp_path / "old")
    for _ in range(3):
        run.step(before)
    before.after_val_epoch(run, {"score": 0.1})
    for folder, score in (("old", 0.1), ("new", None)):
        after = CheckpointHook(best="score", max_keep=1)
        after.load_state_dict(before.state_dict())
        run = Run(tmp_path / folder)
        run.iter, run.resumes_from = 3, tmp_path / "old" / "epoch_1.pth"
        after.before_train(run)
        for _ in range(6):
            run.step(after)
        kept = ["best_score.pth", "epoch_1.pth"] if score else []
        assert (after.best_score, run.files()) == (score, [*kept, "epoch_3.pth", "last_checkpoint"])


@pytest.mark.parametrize(
    "setting", [dict(max_keep=-1), dict(max_keep=0), dict(interval_epochs=0), dict(interval_iters=0)]
)
def test_counts_below_one_are_refused(setting):
    ((name, count),) = setting.items()
    with pytest.raises(UserError, match=f"CheckpointHook: {name} is {count}, expected 1 or more"):
        CheckpointHook(**setting)


def test_a_validation_without_training_is_not_the_best(tmp_path):
    hook, run = CheckpointHook(best="score"), Run(tmp_path)
    hook.after_val_epoch(run, {"score": 0.1})
    CheckpointHook(best=None).after_val_epoch(run, {"score": 0.1})
    assert run.saved == []


def test_an_unknown_metric_is_named(tmp_path):
    run = Run(tmp_path)
    run.iter = 3
    with pytest.raises(UserError, match="no metric 'd4' to choose the best by; found: d1, abs_rel"):
        CheckpointHook(best="d4").after_val_epoch(run, {"d1": 0.9, "abs_rel": 0.1})


def test_full_disk_in_a_run_keeps_the_checkpoint_before(tiny_nyu, tmp_path):
    """The second checkpoint does not fit; the run says so and can be resumed from the first."""
    options = {"visualizer.vis_backends": [], "custom_hooks": [{"type": "FullDiskHook", "iteration": 2}]}
    assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path / "run", options) == 1
    last = (tmp_path / "log").read_text().splitlines()[-1]
    assert last.startswith(
        f"mdetools.errors.UserError: {tmp_path / 'run' / 'iter_2.pth'}: cannot be written (the disk is full); the"
    )
    assert last_checkpoint(tmp_path / "run").name == "iter_1.pth"
    assert not list((tmp_path / "run").glob(".*"))
    options.pop("custom_hooks")
    assert in_child(tmp_path / "log", train, tiny_nyu, tmp_path / "run", options, "auto") == 0
    assert "iter_1.pth at epoch 0, iteration 1" in (tmp_path / "log").read_text()


def test_a_checkpoint_of_validated_weights_says_their_scores(tmp_path):
    hook, run = CheckpointHook(best=None), Run(tmp_path)
    run.iter = 6
    hook.after_val_epoch(run, {"abs_rel": 0.25, "d1": np.float32(0.5), "broken": float("nan"), "scene": "kitchen"})
    for iteration, expected in ((6, {"abs_rel": 0.25, "d1": 0.5}), (7, None)):
        checkpoint = {"meta": {"iter": iteration}}
        hook.before_save_checkpoint(run, checkpoint)
        assert checkpoint["meta"].get("metrics") == expected
