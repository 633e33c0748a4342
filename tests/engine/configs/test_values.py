"""Components in the right slots, keys that their builders read, and values that make sense."""

import random
import re
import time
from typing import Annotated, Any, Protocol

import pytest
from support.config_mutations import cases, mutated_option
from support.paths import ROOT
from torch import nn

from mdetools.apis import DepthInferencer
from mdetools.datasets import BaseDataset
from mdetools.engine.configs.arguments import fits
from mdetools.engine.configs.loading import load_config
from mdetools.engine.configs.required_entries import check_trainable
from mdetools.engine.process.cli import key_value
from mdetools.engine.testing import apply_test_options
from mdetools.errors import UserError
from mdetools.registry import DATASETS, MODELS

VITS = str(ROOT / "configs" / "dav2" / "vits_nyu.py")
NYU = "train_dataloader.dataset"


def refusal(options, config=VITS):
    with pytest.raises(UserError) as caught:
        load_config(config, options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def nan_once(tmp_path, monkeypatch):
    """A module beside the config, named as a component might be."""
    (tmp_path / "NanOnce.py").write_text("import torch\n\nclass Net(torch.nn.Module): ...\n\nopen('PWNED', 'w')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "PWNED"


def test_a_module_is_no_component_and_its_name_is_not_imported(nan_once):
    assert "model.losses.silog.type is 'NanOnce', which is not registered" in refusal(
        {"model.losses.silog.type": "NanOnce"}
    )
    assert not nan_once.exists()
    assert "NanOnce.Net" in str(
        load_config(VITS, {"model.losses.silog": {"_delete_": True, "type": "NanOnce.Net"}}).model
    )


@pytest.mark.parametrize(
    "path, kind, found, expected",
    [
        ("model.backbone", "os.system", "is the builtin function or method system", "a backbone"),
        ("model.backbone", "os.path", "is the module posixpath", "a backbone"),
        ("model.head", "subprocess.Popen", "is the class Popen", "a head"),
        ("model.losses.silog", "shutil.rmtree", "is the function rmtree", "a loss"),
        (NYU, "subprocess.Popen", "is the class Popen", "a dataset (a class that has __getitem__)"),
        (f"{NYU}.pipeline.pack", "subprocess.Popen", "is the class Popen", "a transform (a class that has __call__)"),
        ("train_dataloader.collate_fn", "os.system", "is the builtin", "a function"),
        ("train_dataloader.sampler", "torch.nn.Linear", "is the class Linear", "a data sampler"),
        ("optim_wrapper", "os.system", "is the builtin", "an optimizer wrapper"),
        ("optim_wrapper.optimizer", "torch.nn.Linear", "is the class Linear", "torch.optim.Optimizer"),
        ("param_scheduler.lr", "torch.optim.lr_scheduler.StepLR", "is the class StepLR", "a parameter scheduler"),
        ("default_hooks.logger", "os.system", "is the builtin", "mmengine.hooks.Hook"),
        ("val_evaluator", "os.system", "is the builtin", "mmengine.evaluator.BaseMetric"),
        ("train_cfg", "os.system", "is the builtin", "a loop"),
        ("visualizer", "os.system", "is the builtin", "a visualizer"),
        ("model.losses.silog", "mdetools.models.heads.DPTHead", "is a head", "a loss"),
        ("model.losses.silog", "DPTHead", "which is a head", "a loss"),
        ("model.head", "SiLogLoss", "which is a loss", "a head"),
        ("model.backbone", "NYUDataset", "which is a dataset", "a backbone"),
        (f"{NYU}.pipeline.crop", "CheckpointHook", "which is a hook", "a transform"),
        ("default_hooks.logger", "AdamW", "which is an optimizer", "a hook"),
    ],
)
def test_a_component_is_of_its_slots_kind(path, kind, found, expected):
    message = refusal({f"{path}.type": kind})
    assert message.startswith(f"config: {path}.type") and found in message
    assert expected in message.partition(", expected ")[2]


@pytest.mark.parametrize("kind", ["torch.optim.SGD", "torch.optim.sgd.SGD", "mmengine.SGD", "SGD"])
def test_a_class_of_the_kind_is_taken(kind):
    optimizer = {"_delete_": True, "type": kind, "lr": 0.1}
    assert load_config(VITS, {"optim_wrapper.optimizer": optimizer}).optim_wrapper.optimizer.type == kind


@pytest.mark.parametrize("key", ["priority", "constructor", "paramwise_cfg", "convert_to_iter_based"])
@pytest.mark.parametrize(
    "path", ["model", "model.backbone", "model.losses.silog", NYU, f"{NYU}.pipeline.pack", "val_evaluator"]
)
def test_a_builders_key_on_what_has_none_is_named(path, key):
    message = refusal({f"{path}.{key}": None})
    assert message.startswith(f"config: {path} (") and f"has the key '{key}', which nothing reads" in message


@pytest.mark.parametrize(
    "key, value, reason",
    [
        ("default_hooks.logger.constructor", "x", "has the key 'constructor'"),
        ("default_hooks.logger.priority", "SOON", "expected an integer or 'HIGHEST'"),
        ("default_hooks.logger.priority", 101, "from 0 to 100"),
        ("param_scheduler.lr.priority", 1, "has the key 'priority'"),
        ("train_dataloader.collate_fn._scope_", "mdetools", "has the key '_scope_'"),
        ("model._scope_", "os", "model._scope_ is 'os', expected 'mmengine' or 'mdetools'"),
        ("default_scope", "os", "default_scope is 'os'"),
    ],
)
def test_builders_keys_where_they_are_read(key, value, reason):
    assert reason in refusal({key: value})


def test_builders_keys_are_let_through_where_they_are_read():
    options = {"default_hooks.logger.priority": "LOW", "model._scope_": "mdetools"}
    assert load_config(VITS, options).default_hooks.logger.priority == "LOW"


@pytest.mark.parametrize(
    "option",
    [
        "train_dataloader.batch_size=0", "train_dataloader.batch_size=-1", "train_dataloader.batch_size='8'",
        "train_dataloader.batch_size=1.5", "train_dataloader.batch_size=true", "val_dataloader.batch_size=0",
        "val_dataloader.num_workers=-1", "test_dataloader.num_workers=two", "train_dataloader.prefetch_factor=0",
        "train_dataloader.drop_last=1", "optim_wrapper.optimizer.lr=-1", "optim_wrapper.optimizer.lr=nan",
        "optim_wrapper.optimizer.lr=1e999", "optim_wrapper.optimizer.weight_decay=-0.1",
        "optim_wrapper.accumulative_counts=0", "optim_wrapper.clip_grad.max_norm=0",
        "optim_wrapper.clip_grad.max_norm=x",
        "optim_wrapper.paramwise_cfg.decoder_lr_mult=-1", "model.head.output.max_depth=0",
        "model.head.output.max_depth=-10", "model.head.output.max_depth=deep", "model.head.output.max_depth=true",
        "model.head.features=0", "model.head.features=6.5", "model.head.out_channels=[8, 8, 0, 8]",
        "model.backbone.arch=5", "model.backbone.attention=flash", "model.backbone.drop_path_rate=1.5",
        "model.losses.silog.weight=-1", "train_cfg.max_epochs=0", "train_cfg.max_epochs=1.5",
        "train_cfg.val_interval=0",
        "default_hooks.logger.interval=0", "default_hooks.checkpoint.interval_iters=0",
        "default_hooks.checkpoint.best=3", "train_dataloader.dataset.pipeline.resize.size=0",
        "train_dataloader.dataset.pipeline.resize.size=(0, 28)", "train_dataloader.dataset.pipeline.resize.size=28x28",
        "train_dataloader.dataset.pipeline.flip.prob=2", "train_dataloader.dataset.data_root=5",
        "train_dataloader.dataset.data_root=none", "train_dataloader.dataset.pipeline=3", "randomness.seed=-1",
        "randomness.seed=x", "pretrained.checkpoint=5", "pretrained.encoder_only=yes",
        "pretrained.leave_out=head", "resume=maybe", "load_from=3",
        "log_level=LOUD", "model.backbone=DINOv2", "model.head=none", "model=5", "model.losses=3",
        "default_hooks.logger=3", "custom_hooks=[3]", "val_evaluator=[3]", "val_evaluator=x", "param_scheduler=3",
        "visualizer=3", "optim_wrapper=3", "optim_wrapper.constructor=5", "custom_imports=3", "model.backbone.type=5",
        "model.backbone.type=" + "DINO" * 1000,
        "train_dataloader.batch_size=" + "-" * 100_000 + "1",
    ],
    ids=lambda option: option[:60],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_named(option):
    key, value = key_value(option)
    message = refusal({key: value})
    assert message.startswith((f"config: {key}", f"config: {key.rpartition('.')[0]}"))
    assert "expected" in message and len(message) < 400


def test_depths_have_an_order():
    message = refusal({f"{NYU}.pipeline.depth_range.min_depth": 12.0})
    assert message.endswith("has min_depth=12.0 and max_depth=10.0; set min_depth below max_depth")


@pytest.mark.parametrize(
    "path, entry, argument",
    [
        (NYU, {"type": "NYUDataset"}, "data_root"),
        ("model", {"type": "Estimator", "backbone": {"type": "DINOv2"}}, "head"),
        ("model.backbone", {"type": "TimmBackbone"}, "name"),
        (f"{NYU}.pipeline.crop", {"type": "RandomCrop"}, "size"),
        ("train_cfg", {"type": "EpochTrainLoop"}, "max_epochs"),
        ("default_hooks.save", {"type": "SavePanelsHook"}, "folder"),
        ("train_dataloader.sampler", {"type": "RatioSampler"}, "ratio"),
        ("optim_wrapper.optimizer", {"type": "torch.optim.SGD"}, None),
        ("train_dataloader.collate_fn", {"type": "torch.utils.data.default_collate"}, None),
    ],
)
def test_a_missing_argument_is_named(path, entry, argument):
    option = {path: entry if path == "default_hooks.save" else {"_delete_": True, **entry}}
    if argument is None:
        load_config(VITS, option)
    else:
        assert refusal(option) == (
            f"config: {path} ({entry['type']}) needs '{argument}', which is not there; set {path}.{argument}"
        )


@pytest.mark.parametrize("key", ["dataset", "sampler", "batch_size"])
def test_a_loader_without_its_parts_is_named(key):
    with pytest.raises(UserError) as caught:
        check_trainable(load_config(VITS, {f"val_dataloader.{key}": None}))
    assert str(caught.value) == f"config: val_dataloader needs '{key}', which is not there; set val_dataloader.{key}"


def test_a_plugins_own_arguments_are_its_own(tmp_path, monkeypatch):
    """Their ranges are not those of arguments of the same name here; their annotations count."""
    init = "def __init__(self, weight: float, size=None, head=None): ..."
    text = f"from torch import nn\n\nclass Own(nn.Module):\n    {init}\n"
    (tmp_path / "own_extras.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    own = {"_delete_": True, "type": "own_extras.Own", "weight": -1, "size": 0, "head": "any"}
    assert load_config(VITS, {"model.losses.silog": own}).model.losses.silog.weight == -1
    assert "silog.weight is 'x', expected a number" in refusal({"model.losses.silog": own | {"weight": "x"}})


@pytest.mark.parametrize(
    "key, value, part",
    [
        ("model.backbone.arch.x", 1, "model.backbone.arch is 'vits', which has no entry 'x'"),
        ("train_dataloader.batch_size.0", 1, "train_dataloader.batch_size is 11, which has no entry '0'"),
        (f"{NYU}.pipeline.photometric.transforms.9.hue", 1, "is a list of 1, expected a number below that"),
        (f"{NYU}.pipeline.photometric.transforms.-1.hue", 1, "is a list of 1"),
        (f"{NYU}.pipeline.photometric.transforms.x", 1, "is a list of 1"),
        ("model..head", 1, "has an empty part"),
        ("", 1, "has an empty part"),
    ],
)
def test_a_key_that_leads_nowhere_is_named(key, value, part):
    message = refusal({key: value})
    assert message.startswith(f"the option '{key}'") and part in message


def test_an_element_of_a_list_is_set():
    cfg = load_config(VITS, {"model.head.out_channels.0": 64})
    assert cfg.model.head.out_channels == [64, 96, 192, 384]
    assert "do not fit together" in refusal({"model.head": 1, "model.head.features": 2})


@pytest.mark.parametrize(
    "options, found",
    [
        ({"model.losses": None}, "model.losses is None, which leaves nothing to learn from"),
        ({"model.losses.silog": None}, "model.losses is {'silog': None}"),
        ({"model.losses": {"_delete_": True}}, "model.losses is {}"),
        ({"model": None}, "model is None, and a training needs it"),
        ({"train_dataloader": None}, "train_dataloader is None"),
        ({"train_cfg": None}, "train_cfg is None"),
        ({"optim_wrapper": None}, "optim_wrapper is None"),
        ({"optim_wrapper.optimizer": None}, "optim_wrapper.optimizer is None"),
        ({"val_evaluator": None}, "val_evaluator is None, and a validation needs"),
        ({"val_cfg": None, "val_dataloader": None}, "val_dataloader and val_cfg is None"),
    ],
)
def test_a_config_that_cannot_be_trained_is_refused(options, found):
    with pytest.raises(UserError) as caught:
        check_trainable(load_config(VITS, options))
    assert found in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["model", "test_dataloader", "test_cfg", "test_evaluator"])
def test_a_config_that_cannot_be_tested_is_refused(key, tmp_path):
    with pytest.raises(UserError, match=f"config: {key} is None, and a test needs it; set {key} to"):
        apply_test_options(load_config(VITS, {key: None}), "model.pth", str(tmp_path))


def test_a_config_without_a_model_predicts_nothing():
    with pytest.raises(UserError, match="config: model is None, and a prediction needs it"):
        DepthInferencer(load_config(VITS, {"model": None}), "model.pth")


def test_a_config_without_validation_can_be_trained():
    check_trainable(load_config(VITS, dict.fromkeys(("val_dataloader", "val_cfg", "val_evaluator"))))


@pytest.mark.parametrize("options, expected", [
    ({"optim_wrapper.clip_grad": {"_delete_": True, "norm_type": 2}}, "clip_grad needs 'max_norm'"),
    ({"optim_wrapper.clip_grad": {"_delete_": True, "type": "value"}}, "clip_grad needs 'clip_value'"),
    ({"optim_wrapper.optimizer.betas": [0.9, 1.0]}, "expected a number from 0 on, below 1"),
    ({"log_processor": {"_delete_": True, "windw_size": 3}}, "did you mean 'window_size'?"),
    ({"param_scheduler": {"_delete_": True, "pwer": 1.0}}, "expected a dict with a type"),
    ({"default_scope": "mdetool"}, "did you mean 'mdetools'?"),
])  # fmt: skip
def test_what_a_builder_would_refuse_later_is_refused_first(options, expected):
    with pytest.raises(UserError, match=re.escape(expected)):
        load_config(VITS, options)


@MODELS.register_module()
class ModelOfAPlugin(nn.Module):
    """Has entries that mean something else than mdetools' own, and a base that needs what it gives itself."""

    def __init__(self, head: dict, losses: list | None = None, **kwargs) -> None:
        super().__init__()


class NeedsFolder(BaseDataset):
    """A base with an argument of its own."""

    def __init__(self, folder: str, pipeline: list = ()) -> None:
        super().__init__(pipeline)


@DATASETS.register_module()
class GivesFolder(NeedsFolder):
    """Gives its base what that needs."""

    def __init__(self, **kwargs) -> None:
        super().__init__(folder="x", **kwargs)


def test_entries_of_plugins_are_their_own():
    model = {"_delete_": True, "type": "ModelOfAPlugin", "head": {"channels": 3}, "losses": ["a", "b"]}
    dataset = {"_delete_": True, "type": "GivesFolder"}
    check_trainable(load_config(VITS, {"model": model, "train_dataloader.dataset": dataset}))


def test_annotations_that_say_nothing_about_plain_values():
    class Sized(Protocol):
        def __len__(self) -> int: ...

    assert fits(3, Any) and fits("x", Any | None) and fits(3, Sized) and fits(3, Annotated[int, "a count"])
    assert not fits("x", Annotated[int, "a count"])


def test_annotations():
    assert (
        fits(2, float)
        and fits(None, int | None)
        and fits([1, 2], tuple[int, int])
        and fits({"a": None}, dict[str, dict])
    )
    assert not fits(True, int) and not fits(1.0, int) and not fits([1], tuple[int, int]) and not fits("a", list[str])
    assert not fits(["a"], list[int]) and not fits(3, dict) and not fits("x", float | None) and not fits(1, bool)


def test_mutated_options_and_files_give_one_line(tmp_path):
    refused, slowest = 0, 0.0
    for path, options in cases(seed=5, count=120, folder=tmp_path):
        start = time.monotonic()
        try:
            load_config(path, dict(key_value(option) for option in options if "=" in option and option[0] not in "=."))
        except UserError as error:
            refused += 1
            assert "\n" not in str(error), options
        except Exception as error:
            assert type(error).__name__ == "ArgumentTypeError", (path, options)
        slowest = max(slowest, time.monotonic() - start)
    assert refused > 60 and slowest < 10
    assert mutated_option(random.Random(0), ["model"]) == mutated_option(random.Random(0), ["model"])
