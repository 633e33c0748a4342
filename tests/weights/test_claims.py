"""Weights that say what they were made for are not loaded into another model."""

import json
import logging

import pytest
import torch
from support.models import depth_anything, small_estimator
from support.tiny_training import tiny_config
from support.user_errors import user_error
from support.weight_files import hugging_face_folder, tiny_peer
from torch import nn

from mdetools.engine.configs.loading import load_config
from mdetools.models import FrozenNetwork
from mdetools.registry import MODELS, OUTPUTS
from mdetools.weights.claims import claims_of_model
from mdetools.weights.loading import load_pretrained, load_whole

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
DEPTH = "model.head.output.max_depth"
TYPE = "model.head.output.type"
BLOCKS = "model.backbone.out_indices"
OFFSET = "model.backbone.pos_embed_offset"


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("config")
    return tiny_config(folder / "tiny.py", folder)


@pytest.fixture
def logger(caplog):
    logger = logging.getLogger("mdetools")
    caplog.set_level(logging.INFO, logger="mdetools")
    return logger


def build(config, options=None):
    return MODELS.build(load_config(str(config), options).model)


def ours(folder, config, options=None):
    """A checkpoint as a training with these options writes it."""
    cfg = load_config(str(config), options)
    state = MODELS.build(cfg.model).state_dict()
    torch.save({"meta": {"mdetools_version": "1.0", "cfg": cfg.pretty_text}, "state_dict": state}, folder / "ours.pth")
    return folder / "ours.pth"


RELATIVE = {"model.head.output": dict(_delete_=True, type="ReluInverseDepth"), "model.losses": None}
SOFTPLUS = {"model.head.output": dict(_delete_=True, type="SoftplusDepth", min_depth=0.5)}
DISPARITY = {"model.head.output": dict(_delete_=True, type="SigmoidDisparity"), "model.losses": None}


@pytest.mark.parametrize(
    ("trained", "used", "told", "cure"),
    [
        ({DEPTH: 80.0}, {}, f"{DEPTH} is 80.0 in the file and 10.0 in the config", f"set {DEPTH}=80.0,"),
        ({}, {DEPTH: 80}, f"{DEPTH} is 10.0 in the file and 80 in the config", f"set {DEPTH}=10.0,"),
        (
            RELATIVE,
            {},
            f"{TYPE} is 'ReluInverseDepth' in the file and 'SigmoidDepth'",
            f"set {TYPE}='ReluInverseDepth'",
        ),
        ({}, RELATIVE, f"{TYPE} is 'SigmoidDepth' in the file and 'ReluInverseDepth'", f"set {TYPE}='SigmoidDepth'"),
        (SOFTPLUS, {}, f"{TYPE} is 'SoftplusDepth' in the file", f"set {TYPE}='SoftplusDepth'"),
        (SOFTPLUS, SOFTPLUS | {"model.head.output.min_depth": 0.1}, "model.head.output.min_depth is 0.5", "=0.5"),
        # what the config of the file does not say is the default of its class
        (DISPARITY, DISPARITY | {"model.head.output.max_fraction": 0.5}, "max_fraction is 0.3 in the file", "=0.3"),
        ({"model.head.output": None}, {DEPTH: 20.0}, f"{DEPTH} is 10.0 in the file and 20.0", f"set {DEPTH}=10.0,"),
        ({BLOCKS: None}, {BLOCKS: (3, 2, 1, 0)}, f"{BLOCKS} is (0, 1, 2, 3) in the file", f"set {BLOCKS}=(0,1,2,3),"),
        ({BLOCKS: [3, 2, 1, 0]}, {}, f"{BLOCKS} is [3, 2, 1, 0] in the file", f"set {BLOCKS}=[3,2,1,0],"),
        ({OFFSET: None}, {}, f"{OFFSET} is None in the file and 0.1 in the config", f"set {OFFSET}=None,"),
        ({}, {OFFSET: 0.0}, f"{OFFSET} is 0.1 in the file and 0.0 in the config", f"set {OFFSET}=0.1,"),
        (
            {"model.data_preprocessor": dict(mean=(0.5, 0.5, 0.5))},
            {},
            "model.data_preprocessor.mean is (0.5, 0.5, 0.5) in the file and (0.485, 0.456, 0.406) in the config",
            "set model.data_preprocessor.mean=(0.5,0.5,0.5),",
        ),
        ({}, {"model.data_preprocessor": dict(std=(1, 1, 1))}, "std is (0.229, 0.224, 0.225) in the file", "=(0.229,"),
    ],
)
def test_a_checkpoint_of_another_model_is_refused_with_both_values(config, tmp_path, trained, used, told, cure):
    file, model = ours(tmp_path, config, trained), build(config, used)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    line = user_error(lambda: load_whole(model, file), f"'{file}' was made for another model", told, cure)
    assert line.endswith("load it all the same with --weights-as-is (in a config: weights_as_is=True)")
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


@pytest.mark.parametrize(
    ("trained", "used"),
    [
        ({}, {}),
        (RELATIVE, RELATIVE),
        (DISPARITY, DISPARITY),
        ({"model.head.output": None}, {}),
        ({BLOCKS: None}, {}),
        ({BLOCKS: [0, 1, 2, 3], DEPTH: 10}, {BLOCKS: (0, 1, 2, 3), DEPTH: 10.0}),
        ({OFFSET: None}, {OFFSET: 0}),
        ({}, {"model.losses": None, "model.flip_test": "mean", "model.backbone.drop_path_rate": 0.1}),
        ({}, {"model.data_preprocessor": dict(mean=list(MEAN), std=STD)}),
    ],
)
def test_a_checkpoint_of_this_model_is_loaded_without_a_word(config, tmp_path, caplog, logger, trained, used):
    file, model = ours(tmp_path, config, trained), build(config, used)
    load_whole(model, file)
    expected = torch.load(file, weights_only=True)["state_dict"]
    assert all(torch.equal(value, expected[key]) for key, value in model.state_dict().items())
    assert caplog.records == []


def test_as_is_loads_with_one_warning(config, tmp_path, caplog, logger):
    file, model = ours(tmp_path, config, {DEPTH: 80.0, OFFSET: None}), build(config)
    load_whole(model, file, as_is=True)
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert (
        f"{OFFSET} is None in the file and 0.1 in the config; {DEPTH} is 80.0 in the file and 10.0 in the"
        in record.getMessage()
    )
    key = "head.output_conv3.weight"
    assert torch.equal(model.state_dict()[key], torch.load(file, weights_only=True)["state_dict"][key])


def test_an_encoder_has_to_agree_on_blocks_and_offset_alone(config, tmp_path, logger):
    other_head = {DEPTH: 80.0, "model.data_preprocessor": dict(mean=(0.5, 0.5, 0.5))}
    load_pretrained(build(config), ours(tmp_path, config, other_head), encoder_only=True, logger=logger)
    for trained, told in (({BLOCKS: (3, 2, 1, 0)}, f"{BLOCKS} is (3, 2, 1, 0)"), ({OFFSET: None}, f"{OFFSET} is None")):
        file = ours(tmp_path, config, other_head | trained)
        line = user_error(lambda f=file: load_pretrained(build(config), f, True, logger), told)
        assert "max_depth" not in line and "mean" not in line


def test_a_part_that_is_left_out_need_not_agree(config, tmp_path, logger):
    file = ours(tmp_path, config, RELATIVE)
    user_error(lambda: load_pretrained(build(config), file, False, logger), f"{TYPE} is 'ReluInverseDepth'")
    load_pretrained(build(config), file, False, logger, leave_out=["head.output"])
    file = ours(tmp_path, config, RELATIVE | {OFFSET: None})
    line = user_error(
        lambda: load_pretrained(build(config), file, False, logger, leave_out=["head.output"]), f"{OFFSET} is None"
    )
    assert TYPE not in line


def test_the_config_in_a_checkpoint_is_not_executed(tmp_path):
    text = f"import os\nos.mkdir('{tmp_path}/made')\n"
    text += f"model = dict(head=dict(output=dict(type='X', a=open('{tmp_path}/b', 'w'))))"
    state = small_estimator().state_dict()
    torch.save({"meta": {"mdetools_version": "1.0", "cfg": text}, "state_dict": state}, tmp_path / "ours.pth")
    user_error(lambda: load_whole(small_estimator(), tmp_path / "ours.pth"), f"{TYPE} is 'X' in the file")
    assert [file.name for file in tmp_path.iterdir()] == ["ours.pth"]


def test_a_bare_file_is_taken_and_what_it_does_not_say_is_told(tmp_path, caplog, logger):
    model = small_estimator()
    torch.save(model.state_dict(), tmp_path / "bare.pth")
    load_whole(model, tmp_path / "bare.pth")
    (record,) = caplog.records
    assert record.levelname == "INFO"
    assert record.getMessage() == (
        f"'{tmp_path / 'bare.pth'}' does not say for which {BLOCKS}, {OFFSET}, {TYPE}, {DEPTH}, "
        "model.data_preprocessor.mean, model.data_preprocessor.std it was made; those of the config are taken"
    )


class PlainHead(nn.Module):
    """A plugin's head without an output layer."""

    def __init__(self, in_channels, in_strides):
        super().__init__()
        self.conv = nn.Conv2d(in_channels[0], 1, 1)


class Doubled(nn.Module):
    """A plugin's output."""

    quantity, initial_logit = "depth", 0.0

    def __init__(self, factor=2.0):
        super().__init__()
        self.factor = factor


def test_a_plugins_parts_are_compared_where_they_say_something(config, tmp_path):
    model = dict(type="Estimator", backbone=dict(type="DINOv2", arch="tiny"), head=dict(type=PlainHead))
    assert list(claims_of_model(MODELS.build(model))) == [
        "backbone.out_indices", "backbone.pos_embed_offset", "data_preprocessor.mean", "data_preprocessor.std",
    ]  # fmt: skip
    OUTPUTS.register_module(module=Doubled, name="_Doubled", force=True)
    plugin = {"model.head.output": dict(_delete_=True, type="_Doubled"), "model.losses": None}
    load_whole(build(config, plugin), ours(tmp_path, config, plugin))
    assert claims_of_model(build(config, plugin))["head.output.type"] == "Doubled"  # under whichever name
    other = build(config, plugin | {"model.head.output.factor": 3.0})
    user_error(lambda: load_whole(other, tmp_path / "ours.pth"), "model.head.output.factor is 2.0 in the file and 3.0")


@pytest.mark.parametrize(
    ("peer", "told"),
    [
        (dict(max_depth=80), f"{DEPTH} is 80.0 in the file and 10.0 in the config"),
        (dict(max_depth=1), f"{DEPTH} is 1.0 in the file"),
        (dict(metric=False), f"{TYPE} is 'ReluInverseDepth' in the file and 'SigmoidDepth' in the config"),
        (dict(stages=(4, 3, 2, 1)), None),
        (dict(stages=(1, 2, 4, 3)), None),
    ],
)
@pytest.mark.parametrize("layout", [dict(), dict(sharded=True), dict(binary=True), dict(sharded=True, binary=True)])
def test_a_hugging_face_folder_of_another_model_is_refused(tmp_path, peer, told, layout):
    folder = hugging_face_folder(tmp_path / "folder", tiny_peer(**(peer if told else {})), **layout)
    if told is None:
        stages, config = peer["stages"], json.loads((folder / "config.json").read_text())
        config["backbone_config"] |= dict(out_features=[f"stage{i}" for i in stages], out_indices=list(stages))
        (folder / "config.json").write_text(json.dumps(config))
        told = f"{BLOCKS} is {tuple(stage - 1 for stage in stages)} in the file and (0, 1, 2, 3) in the config"
    user_error(lambda: load_whole(small_estimator(), folder), f"'{folder}' was made for another model", told)
    load_whole(small_estimator(), folder, as_is=True)


def test_a_hugging_face_folder_of_this_model_is_taken(tmp_path, caplog, logger):
    folder = hugging_face_folder(tmp_path / "folder", tiny_peer())
    load_whole(small_estimator(), folder)
    assert [record.getMessage() for record in caplog.records] == [
        f"'{folder}' does not say for which {OFFSET} it was made; those of the config are taken"
    ]
    relative = hugging_face_folder(tmp_path / "relative", tiny_peer(metric=False))
    load_whole(small_estimator("inverse_depth"), relative)
    file = relative / "model.safetensors"  # its config stands beside it
    user_error(lambda: load_whole(small_estimator(), file), f"{TYPE} is 'ReluInverseDepth' in the file")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (dict(image_mean=[0.5, 0.5, 0.5]), "model.data_preprocessor.mean is (0.5, 0.5, 0.5) in the file"),
        (dict(image_std=[0.5, 0.5, 0.5]), "model.data_preprocessor.std is (0.5, 0.5, 0.5) in the file"),
        (dict(do_normalize=False), "model.data_preprocessor.mean is (0.0, 0.0, 0.0) in the file"),
        (dict(image_mean=0.5), "model.data_preprocessor.mean is (0.5, 0.5, 0.5) in the file"),
        (dict(rescale_factor=1 / 127.5), "model.data_preprocessor.mean is (0.2425, 0.228, 0.203) in the file"),
        (dict(image_mean="grey"), "image_mean is 'grey', expected 3 numbers"),
        (dict(image_std=[0.2, 0.2]), "image_std is [0.2, 0.2], expected 3 numbers"),
        (dict(rescale_factor=0), "rescale_factor is 0.0, expected another number"),
    ],
)
def test_a_hugging_face_preprocessor_is_compared(tmp_path, changes, told):
    folder = hugging_face_folder(tmp_path, tiny_peer())
    file = folder / "preprocessor_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    user_error(lambda: load_whole(small_estimator(), folder), told)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (dict(out_features=None, out_indices=[1, 2, 3, -1]), None),  # counted from the end
        (dict(out_features=None, out_indices=None), None),  # says nothing
        (dict(out_features=None, out_indices=[4, 3, 2, 1]), f"{BLOCKS} is (3, 2, 1, 0) in the file"),
        (dict(out_features=None, out_indices="last"), "out_indices is 'last', expected whole numbers"),
        (dict(out_features=["last"]), "out_features is ['last'], expected names of stages"),
    ],
)
def test_the_blocks_of_a_hugging_face_folder(tmp_path, changes, told):
    folder = hugging_face_folder(tmp_path, tiny_peer())
    config = json.loads((folder / "config.json").read_text())
    config["backbone_config"] |= changes
    (folder / "config.json").write_text(json.dumps(config))
    if told is None:
        load_whole(small_estimator(), folder)
    else:
        user_error(lambda: load_whole(small_estimator(), folder), told)


def test_version_1_takes_the_last_four_blocks(tmp_path):
    """A Hugging Face folder of V1 says so; a model of V2's blocks has the same weights, and another depth."""
    config = {"model_type": "depth_anything", "depth_estimation_type": "relative"}
    config["backbone_config"] = {"out_features": [f"stage{i}" for i in (9, 10, 11, 12)], "num_hidden_layers": 12}
    (tmp_path / "config.json").write_text(json.dumps(config))
    model = depth_anything(dict(type="ReluInverseDepth"))
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    user_error(lambda: load_whole(model, tmp_path), f"{BLOCKS} is (8, 9, 10, 11) in the file and (2, 5, 8, 11)")


def test_a_frozen_network_is_compared_too(config, tmp_path):
    file, model = ours(tmp_path, config, {DEPTH: 80.0}), load_config(str(config)).model
    user_error(lambda: FrozenNetwork.from_config(model, str(file)), f"{DEPTH} is 80.0 in the file and 10.0")
    assert FrozenNetwork.from_config(model, str(file), as_is=True).module.head.output.max_depth == 10.0
