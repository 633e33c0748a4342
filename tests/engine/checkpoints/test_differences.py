"""In what two configs differ that a training's numbers depend on."""

import pytest
from mmengine.config import Config

from mdetools.engine.checkpoints.differences import differences, touch
from mdetools.weights.config_text import parse_config_text

CONFIG = {
    "model": {
        "type": "Estimator",
        "head": {"type": "DPTHead", "out_channels": [8, 8]},
        "losses": {"silog": {"type": "SiLogLoss", "lam": 0.5}},
        "data_preprocessor": {"mean": [0.1, 0.2], "batch_steps": {"mix": {"type": "CutMix", "prob": 0.5}}},
    },
    "optim_wrapper": {"type": "OptimWrapper", "optimizer": {"type": "AdamW", "lr": 1.0, "betas": (0.9, 0.99)}},
    "param_scheduler": {"lr": {"type": "WarmupCosineLR", "warmup": 0.5}},
    "train_dataloader": {
        "batch_size": 2,
        "num_workers": 2,
        "sampler": {"type": "EpochSampler", "shuffle": True},
        "dataset": {
            "type": "ConcatDataset",
            "datasets": [{"type": "NYUDataset", "data_root": "a", "split": "train"}, {"type": "X", "data_root": "b"}],
        },
    },
    "train_cfg": {"max_epochs": 2, "val_interval": 1},
    "randomness": {"seed": 42},
    "default_hooks": {"logger": {"type": "LoggerHook", "interval": 10}, "ema": {"type": "EMAHook", "momentum": 0.1}},
    "custom_hooks": [{"type": "PanelHook", "images": 4}, {"type": "EarlyStoppingHook", "patience": 3}],
    "work_dir": "runs/1",
    "load_from": None,
}


def changed(options):
    """The config with other values at dotted paths, as a checkpoint of such a run holds it."""
    cfg = Config(CONFIG)
    cfg = Config(cfg.to_dict())
    cfg.merge_from_dict(options)
    return parse_config_text(cfg.pretty_text, "a.pth")


def told(options):
    return [str(one) for one in differences(changed({}), changed(options))]


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("model.head.type", "Other", "model.head.type 'DPTHead' (now 'Other')"),
        ("model.head.out_channels", [8, 9], "model.head.out_channels [8, 8] (now [8, 9])"),
        ("model.losses.silog.lam", 0.85, "model.losses.silog.lam 0.5 (now 0.85)"),
        ("model.losses.l1", {"type": "L1Loss"}, "model.losses.l1 not set (now {'type': 'L1Loss'})"),
        ("model.data_preprocessor.batch_steps.mix.prob", 1, "model.data_preprocessor.batch_steps.mix.prob 0.5 (now 1)"),
        ("optim_wrapper.optimizer.lr", 2, "optim_wrapper.optimizer.lr 1.0 (now 2)"),
        ("optim_wrapper.type", "AmpOptimWrapper", "optim_wrapper.type 'OptimWrapper' (now 'AmpOptimWrapper')"),
        ("optim_wrapper.dtype", "bf16", "optim_wrapper.dtype not set (now 'bf16')"),
        ("param_scheduler.lr.warmup", 0, "param_scheduler.lr.warmup 0.5 (now 0)"),
        ("train_dataloader.batch_size", 3, "train_dataloader.batch_size 2 (now 3)"),
        ("train_dataloader.drop_last", True, "train_dataloader.drop_last not set (now True)"),
        ("train_dataloader.sampler.shuffle", False, "train_dataloader.sampler.shuffle True (now False)"),
        (
            "train_dataloader.dataset.datasets.0.split",
            "val",
            "train_dataloader.dataset.datasets.0.split 'train' (now 'val')",
        ),
        ("train_cfg.max_epochs", 3, "train_cfg.max_epochs 2 (now 3)"),
        ("randomness.seed", None, "randomness.seed 42 (now None)"),
        ("default_hooks.ema.momentum", 0.2, "default_hooks.ema.momentum 0.1 (now 0.2)"),
        (
            "default_hooks.compile",
            {"type": "CompileHook"},
            "default_hooks.compile not set (now {'type': 'CompileHook'})",
        ),
        ("default_hooks.ema", None, "default_hooks.ema {'momentum': 0.1, 'type': 'EMAHook'} (now not set)"),
        ("custom_hooks.1.patience", 4, "custom_hooks.1.patience 3 (now 4)"),
        ("auto_scale_lr", {"enable": True}, "auto_scale_lr not set (now {'enable': True})"),
    ],
)
def test_what_changes_a_training_is_named_with_both_values(path, value, line):
    assert told({path: value}) == [line]
    (found,) = differences(changed({}), changed({path: value}))
    assert touch([found], path, "x") and touch([found], path.split(".")[0])
    assert not touch([found], path[:-1], f"{path}.more")


@pytest.mark.parametrize(
    "options",
    [
        {"work_dir": "elsewhere", "load_from": "a.pth", "resume": "auto", "launcher": "pytorch"},
        {"train_dataloader.num_workers": 0, "train_dataloader.pin_memory": True},
        {"train_dataloader.persistent_workers": True, "train_dataloader.prefetch_factor": 4},
        {"train_dataloader.dataset.datasets.0.data_root": "c", "train_dataloader.dataset.datasets.1.data_root": "d"},
        {"train_cfg.val_interval": 5, "train_cfg.val_begin": 2},
        {"val_dataloader": {"batch_size": 4}, "val_evaluator": {"type": "DepthMetric"}, "test_cfg": {}},
        {"default_hooks.logger.interval": 1, "default_hooks.checkpoint": {"type": "CheckpointHook", "max_keep": 9}},
        {"default_hooks.pictures": {"type": "DepthPanelHook"}, "default_hooks.progress": None},
        {"custom_hooks.0.images": 1},
        {"visualizer": {"type": "Visualizer"}, "log_level": "ERROR", "_mine": 3},
        {"optim_wrapper.optimizer.betas": [0.9, 0.99], "model.head.out_channels": (8, 8)},
        {"optim_wrapper.optimizer.lr": 1, "model.losses.silog.lam": 0.50},
    ],
)
def test_what_does_not_may_change(options):
    assert told(options) == []


def test_values_that_are_no_number_and_long_ones():
    nan = {"model": {"bias": float("nan"), "names": ["x" * 100]}}
    assert differences(nan, {"model": {"bias": float("nan"), "names": ["x" * 100]}}) == []
    (line,) = map(str, differences(nan, {"model": {"bias": float("nan"), "names": []}}))
    assert len(line) < 100 and line.startswith("model.names ['xxx") and line.endswith("... (now [])")


def test_a_hook_out_of_a_checkpoint_is_looked_up_and_not_imported(monkeypatch):
    monkeypatch.setattr("importlib.import_module", lambda *args: pytest.fail("imports"))
    differences({}, {})  # mdetools' own hooks are imported
    then = {"custom_hooks": [{"type": "os.path.Hook"}, {"type": None}, 3]}
    assert [one.path for one in differences(then, {})] == ["custom_hooks.0", "custom_hooks.1", "custom_hooks.2"]
