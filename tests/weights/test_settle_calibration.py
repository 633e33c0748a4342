"""A calibrated file and a config agree, or the load is refused."""

import logging

import pytest
import torch
from support.tiny_training import tiny_config
from support.user_errors import user_error

from mdetools.engine.configs.loading import load_config
from mdetools.registry import MODELS
from mdetools.weights.claims import claims_of_model
from mdetools.weights.loading import load_pretrained, load_whole

OUTPUT, NAME = "model.head.output", "head.output.calibration"
METRIC = dict(type="SigmoidDepth", max_depth=10.0)


def calibrated(scale=1.2, shift=-0.3, output=METRIC, **more):
    return {
        OUTPUT: dict(
            _delete_=True, type="CalibratedOutput", output=output, space="log_depth", scale=scale, shift=shift, **more
        )
    }


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("config")
    return tiny_config(folder / "tiny.py", folder)


def build(config, options=None):
    return MODELS.build(load_config(str(config), options).model)


def written(folder, config, options=None, bare=False):
    """A checkpoint as a training with these options writes it, or its weights alone."""
    cfg = load_config(str(config), options)
    state = MODELS.build(cfg.model).state_dict()
    meta = {"mdetools_version": "1.0", "cfg": cfg.pretty_text}
    torch.save({"state_dict": state} if bare else {"meta": meta, "state_dict": state}, folder / "file.pth")
    return folder / "file.pth"


@pytest.mark.parametrize("bare", [False, True])
def test_the_same_calibration_is_loaded_without_a_word(config, tmp_path, caplog, bare):
    caplog.set_level(logging.WARNING, logger="mdetools")
    file, model = written(tmp_path, config, calibrated(), bare), build(config, calibrated(1.2000001))
    load_whole(model, file)
    assert torch.equal(model.head.output.calibration, torch.tensor([1.2, -0.3]))
    assert caplog.records == []


@pytest.mark.parametrize(
    ("trained", "used", "words"),
    [
        (calibrated(), {}, "model.head.output.type is 'CalibratedOutput' in the file and 'SigmoidDepth' in the config"),
        ({}, calibrated(), "model.head.output.type is 'SigmoidDepth' in the file and 'CalibratedOutput' in the config"),
        (calibrated(), calibrated(max_depth=80.0), "model.head.output.max_depth is 10.0 in the file and 80.0"),
        (
            calibrated(),
            calibrated(output=METRIC | dict(max_depth=20.0)),
            "model.head.output.output.max_depth is 10.0 in the file and 20.0 in the config",
        ),
        (
            calibrated(),
            calibrated(output=dict(type="SoftplusDepth")),
            "model.head.output.output.type is 'SigmoidDepth' in the file and 'SoftplusDepth' in the config",
        ),
    ],
)
def test_a_file_and_a_config_of_two_outputs_are_refused_and_taken_as_they_are(config, tmp_path, trained, used, words):
    file, model = written(tmp_path, config, trained), build(config, used)
    user_error(lambda: load_whole(model, file), f"'{file}' was made for another model", words, "--weights-as-is")
    own = {key: value.clone() for key, value in model.state_dict().items() if key.endswith("calibration")}
    load_whole(model, file, as_is=True)
    expected = torch.load(file, weights_only=True)["state_dict"]
    for key, value in model.state_dict().items():
        assert torch.equal(value, own.get(key, expected.get(key)))


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("used", [calibrated(scale=1.25), calibrated(shift=-0.31)])
def test_other_numbers_are_refused_and_as_is_are_the_configs(config, tmp_path, caplog, bare, used):
    file, model = written(tmp_path, config, calibrated(), bare), build(config, used)
    own = model.head.output.calibration.clone()
    told = f"model.{NAME} is (1.2, -0.3) in the file and ({used[OUTPUT]['scale']:g}, {used[OUTPUT]['shift']:g}) in the"
    user_error(lambda: load_whole(model, file), f"'{file}' was calibrated with other numbers", told, "--weights-as-is")
    with caplog.at_level(logging.WARNING, logger="mdetools"):
        load_whole(model, file, as_is=True)
    assert torch.equal(model.head.output.calibration, own)
    assert f"with {NAME} ({used[OUTPUT]['scale']:g}" in caplog.text


@pytest.mark.parametrize(("trained", "used"), [(calibrated(), {}), ({}, calibrated())])
def test_weights_alone_tell_of_a_calibration_too(config, tmp_path, trained, used):
    """Such as a state dict in safetensors, which holds no config."""
    file, model = written(tmp_path, config, trained, bare=True), build(config, used)
    user_error(lambda: load_whole(model, file), "is of another architecture than the config", NAME)


def test_an_encoder_may_come_from_a_calibrated_model(config, tmp_path):
    file, model = written(tmp_path, config, calibrated()), build(config)
    load_pretrained(model, file, True, logging.getLogger("mdetools"))
    key = "backbone.vit.norm.weight"
    assert torch.equal(model.state_dict()[key], torch.load(file, weights_only=True)["state_dict"][key])


def test_what_a_calibrated_model_says_of_itself(config):
    claims = claims_of_model(build(config, calibrated()))
    assert {key: value for key, value in claims.items() if key.startswith("head.output.")} == {
        "head.output.type": "CalibratedOutput",
        "head.output.space": "log_depth",
        "head.output.scale": 1.2,
        "head.output.shift": -0.3,
        "head.output.min_depth": 1e-3,
        "head.output.max_depth": 10.0,
        "head.output.output.type": "SigmoidDepth",
        "head.output.output.max_depth": 10.0,
    }
