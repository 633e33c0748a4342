"""Reading configs: what is refused, and in which words."""

import sys

import pytest

from mdetools.engine.configs.loading import load_config
from mdetools.errors import UserError

VITS = "configs/dav2/vits_nyu.py"
MODEL = "model = dict(type='DepthEstimator', backbone=dict(type='DINOv2', arch='vits'), head=dict(type='DPTHead'))\n"


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    from support.paths import ROOT

    monkeypatch.chdir(ROOT)


def refusal(path, *args):
    """The one line with which a config is refused."""
    with pytest.raises(UserError) as caught:
        load_config(str(path), *args)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "options, found, nearest",
    [
        ({"train_dataloadr.batch_size": 4}, "top-level key 'train_dataloadr'", "train_dataloader"),
        ({"optim_wraper": None}, "top-level key 'optim_wraper'", "optim_wrapper"),
        ({"model.head.featurs": 64}, "model.head (DPTHead) has the key 'featurs'", "features"),
        ({"model.bakbone.arch": "vitb"}, "model (Estimator) has the key 'bakbone'", "backbone"),
        ({"model.head.output.maxdepth": 80.0}, "model.head.output (SigmoidDepth) has the key 'maxdepth'", "max_depth"),
        ({"train_dataloader.batchsize": 2}, "train_dataloader has the key 'batchsize'", "batch_size"),
        ({"train_dataloader.dataset.data_rot": "x"}, "(NYUDataset) has the key 'data_rot'", "data_root"),
        ({"pretrained.chekpoint": "x"}, "pretrained has the key 'chekpoint'", "checkpoint"),
        ({"randomness.sed": 1}, "randomness has the key 'sed'", "seed"),
        ({"optim_wrapper.optimizer.weight_decy": 0.1}, "(AdamW) has the key 'weight_decy'", "weight_decay"),
        (
            {"optim_wrapper.acumulative_counts": 2},
            "has the key 'acumulative_counts'",
            "accumulative_counts",
        ),
        ({"train_cfg.max_epoch": 2}, "train_cfg (EpochTrainLoop) has the key 'max_epoch'", "max_epochs"),
        ({"param_scheduler.lr.warm_up": 1.0}, "(WarmupCosineLR) has the key 'warm_up'", "warmup"),
        ({"default_hooks.checkpoint.max_kep": 2}, "(CheckpointHook) has the key 'max_kep'", "max_keep"),
        ({"val_evaluator.protocl": "nyu"}, "val_evaluator (DepthMetric) has the key 'protocl'", "protocol"),
        ({"model.backbone.type": "DINOv3"}, "model.backbone.type is 'DINOv3'", "DINOv2"),
        ({"model.losses.silog.type": "SilogLoss"}, "model.losses.silog.type is 'SilogLoss'", "SiLogLoss"),
        ({"train_dataloader.dataset.type": "NYUDatset"}, "train_dataloader.dataset.type is 'NYUDatset'", "NYUDataset"),
        ({"model.losses.silgo.lam": 0.3}, "model.losses has the entry 'silgo' without a type", "silog"),
        ({"train_dataloader.dataset.pipeline.rezise.size": 28}, "has the entry 'rezise' without a type", "resize"),
        (
            {"default_hooks.chekpoint.max_keep": 1},
            "has the entry 'chekpoint' without a type",
            "checkpoint",
        ),
        ({"optim_wrapper.clip_grad.max_nrm": 3}, "optim_wrapper.clip_grad has the key 'max_nrm'", "max_norm"),
        (
            {"optim_wrapper.clip_grad": {"_delete_": True, "type": "value", "clip_vale": 3}},
            "optim_wrapper.clip_grad has the key 'clip_vale'",
            "clip_value",
        ),
        ({"optim_wrapper.paramwise_cfg.decay_al": 0}, "paramwise_cfg has the key 'decay_al'", "decay_all"),
        (
            {
                "optim_wrapper.constructor": "DefaultOptimWrapperConstructor",
                "optim_wrapper.paramwise_cfg": {"_delete_": True, "bias_lr_mul": 2},
            },
            "paramwise_cfg has the key 'bias_lr_mul'",
            "bias_lr_mult",
        ),
        (
            {"optim_wrapper.constructor": "EncoderDecoder"},
            "optim_wrapper.constructor is 'EncoderDecoder', which is not registered",
            "EncoderDecoderConstructor",
        ),
        (
            {"model.data_preprocessor": {"type": "DataPreprocessor", "steps": {"mix": {"type": "CutMix", "prb": 1}}}},
            "model.data_preprocessor.steps.mix (CutMix) has the key 'prb'",
            "prob",
        ),
        (
            {"model.data_preprocessor.meen": (0, 0, 0)},  # its type may be left out
            "model.data_preprocessor (DataPreprocessor) has the key 'meen'",
            "mean",
        ),
        (
            {"train_dataloader.batch_sampler": {"type": "torch.utils.data.BatchSampler", "drop_lst": True}},
            "train_dataloader.batch_sampler (torch.utils.data.BatchSampler) has the key 'drop_lst'",
            "drop_last",
        ),
        ({"env_cfg.mp_cfg.opencv_threads": 1}, "env_cfg.mp_cfg has the key 'opencv_threads'", "opencv_num_threads"),
    ],
)
def test_a_misspelt_option_is_named_with_the_nearest_right_one(options, found, nearest):
    message = refusal(VITS, options)
    assert found in message
    assert message.endswith(f"did you mean '{nearest}'?")


def test_a_misspelling_in_a_file_is_named_too(tmp_path):
    config = tmp_path / "mine.py"
    config.write_text("load_form = None\n")
    assert "the top-level key 'load_form', which nothing reads; did you mean 'load_from'?" in refusal(config)
    config.write_text("model = dict(type='DepthEstimator', backbone=dict(type='DINOv2', arhc='vits'))\n")
    assert "model.backbone (DINOv2) has the key 'arhc', which nothing reads; did you mean 'arch'?" in refusal(config)


def test_a_name_that_is_like_none_gets_the_whole_list():
    message = refusal(VITS, {"train_dataloader.qqq": 1})
    assert "expected one of: " in message and "batch_size" in message


@pytest.mark.parametrize(
    "option, path, usual",
    [
        ({"train_dataloader.batch_sampler.drop_last": True}, "train_dataloader.batch_sampler", "torch.utils.data."),
        ({"model.head": {"_delete_": True, "features": 8}}, "model.head", "DPTHead"),
        ({"custom_hooks": [{"interval": 3}]}, "custom_hooks.0", "NAME"),
        ({"train_cfg": {"_delete_": True, "max_epoch": 1}}, "train_cfg", "NAME"),
        ({"visualizer": {"_delete_": True, "nme": 3}}, "visualizer", "NAME"),
        ({"train_dataloader.dataset.pipeline": [{"size": 3}]}, "train_dataloader.dataset.pipeline.0", "NAME"),
        ({"test_evaluator": [{"protocol": "nyu"}]}, "test_evaluator.0", "NAME"),
    ],
)
def test_a_component_without_a_type_is_one_line(option, path, usual):
    message = refusal(VITS, option)
    expected = f"config: {path} has no type, expected the name of a component; set {path}.type={usual}"
    assert message.startswith(expected)


def test_what_is_no_dict_or_not_taken_is_told_apart():
    assert refusal(VITS, {"pretrained": "v2.pth"}).startswith("config: pretrained is 'v2.pth', expected a dict")
    assert "clip_grad.type is 'nrm', expected norm or value" in refusal(VITS, {"optim_wrapper.clip_grad.type": "nrm"})
    assert "env_cfg.mp_cfg has the key 'x', which nothing reads" in refusal(VITS, {"env_cfg.mp_cfg.x": 1})
    assert "randomness has the key 'diff_rank_seed', which nothing" in refusal(
        VITS, {"randomness.diff_rank_seed": True}
    )


@pytest.mark.parametrize(
    "options",
    [
        {"clip_grad": {"_delete_": True, "type": "value", "clip_value": 0.2}},
        {"clip_grad": None, "paramwise_cfg": None},
        {
            "constructor": "DefaultOptimWrapperConstructor",
            "paramwise_cfg": {"_delete_": True, "custom_keys": {"backbone": {"lr_mult": 2}}},
        },
    ],
)
def test_what_the_optimisers_wrapper_takes_is_let_through(options):
    load_config(VITS, {f"optim_wrapper.{key}": value for key, value in options.items()})


def test_a_config_without_a_scope_gets_that_of_mdetools(tmp_path):
    config = tmp_path / "mine.py"
    config.write_text(
        "model = dict(type='DepthEstimator', backbone=dict(type='DINOv2', arch='vits'), head=dict(type='DPTHead'))\n"
    )
    assert load_config(str(config)).default_scope == "mdetools"
    config.write_text("default_scope = 'mmengine'\n")
    assert load_config(str(config)).default_scope == "mmengine"


def test_a_config_may_have_variables_of_its_own(tmp_path):
    config = tmp_path / "mine.py"
    config.write_text(f"_size = 28\n{MODEL}")
    assert load_config(str(config)).model.backbone.arch == "vits"


@pytest.mark.parametrize(
    "text, reason",
    [
        ("model = dict(\n", "SyntaxError"),
        ("model = undefined\n", "NameError"),
        ("_base_ = ['no_such_file.py']\n", "no_such_file.py"),
        ("custom_imports = dict(imports=['no_such_plugin'])\n", "no_such_plugin"),
        ("size = int('a')\n", "invalid literal"),
        ("size = 1 / 0\n", "ZeroDivisionError"),
        ("size = [].none\n", "AttributeError"),
    ],
)
def test_a_broken_file_is_one_line_that_names_it(tmp_path, text, reason):
    config = tmp_path / "broken.py"
    config.write_text(text)
    message = refusal(config)
    assert message.startswith(f"config '{config}' cannot be read: ")
    assert reason in message


def test_a_missing_file_and_one_that_is_no_python(tmp_path):
    assert refusal("configs/dav2/vitx.py") == "no config file 'configs/dav2/vitx.py'; did you mean 'dav2/vits_nyu'?"
    assert "no config file 'zzzzqq'; those that come with mdetools are in " in refusal("zzzzqq")
    (tmp_path / "config.txt").write_text("model = 1")
    assert "config.txt' cannot be read" in refusal(tmp_path / "config.txt")


def test_options_reach_into_lists_and_add_components():
    options = {
        "train_dataloader.dataset.pipeline.photometric.transforms.0.hue": 0.2,
        "default_hooks.ema.type": "EMAHook",
        "model.backbone.drop_path_rate": 0.1,
    }
    cfg = load_config(VITS, options)
    assert cfg.train_dataloader.dataset.pipeline.photometric.transforms[0].hue == 0.2
    assert cfg.default_hooks.ema == {"type": "EMAHook"}
    assert cfg.model.backbone.drop_path_rate == 0.1


def test_data_root_reaches_every_data_set(tmp_path):
    cfg = load_config(VITS, data_root="/data/mine")
    loaders = [cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader]
    assert [loader.dataset.data_root for loader in loaders] == ["/data/mine"] * 3


def test_a_config_of_the_clone_is_found_from_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_config("configs/tiny/own_data.py").to_dict() == load_config("tiny/own_data").to_dict()


def test_a_folder_around_the_package_is_not_taken_for_it(tmp_path, monkeypatch):
    (tmp_path / "my_losses_x" / "my_losses_x").mkdir(parents=True)
    (tmp_path / "my_losses_x" / "my_losses_x" / "__init__.py").touch()
    (tmp_path / "own.py").write_text(
        '_base_ = "mdetools::tiny/own_data.py"\ncustom_imports = dict(imports=["my_losses_x"])\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert refusal(tmp_path / "own.py").endswith(f"e.g. PYTHONPATH={tmp_path / 'my_losses_x'}")
    del sys.modules["my_losses_x"]
    monkeypatch.syspath_prepend(tmp_path / "my_losses_x")
    assert load_config(str(tmp_path / "own.py")).model.type == "Estimator"


def test_an_unknown_component_of_ones_own_is_thought_of():
    message = refusal(VITS, {"model.losses.own": {"type": "LogCoshLoss"}})
    assert "(one of your own: install its package, or name it in custom_imports); did you mean" in message
