"""Learning rate and weight decay of each parameter."""

import pytest
import torch
from torch import nn

from mdetools.engine.optim.param_groups import EncoderDecoderConstructor, encoder_decoder_groups
from mdetools.errors import UserError
from mdetools.registry import MODELS

WRAPPER = {
    "type": "OptimWrapper",
    "optimizer": {"type": "AdamW", "lr": 5e-6, "weight_decay": 0.01},
    "clip_grad": {"max_norm": 1.0},
    "accumulative_counts": 3,
}


@pytest.fixture(scope="module")
def model():
    import support.tiny_training  # noqa: F401, which adds the architecture

    head = {"type": "DPTHead", "features": 8, "out_channels": [8, 8, 8, 8]}
    model = MODELS.build(
        {"type": "DepthEstimator", "backbone": {"type": "DINOv2", "arch": "tiny", "frozen_blocks": 1}, "head": head}
    )
    yield model


def settings_of(model, optimizer):
    """(lr, weight decay) of each trainable parameter by name; each must be in exactly one group."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    found = {}
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            assert names[id(parameter)] not in found
            found[names[id(parameter)]] = (group["lr"], group["weight_decay"])
    assert set(found) == {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    return found


def test_every_parameter_once_with_its_learning_rate(model):
    wrapper = EncoderDecoderConstructor(WRAPPER)(model)
    settings = settings_of(model, wrapper.optimizer)
    assert [group["name"] for group in wrapper.optimizer.param_groups] == ["encoder", "decoder"]
    assert "backbone.vit.blocks.0.norm1.weight" not in settings  # frozen
    for name, (lr, decay) in settings.items():
        assert lr == pytest.approx(5e-6 if name.startswith("backbone.") else 5e-5), name
        assert decay == 0.01
    assert isinstance(wrapper.optimizer, torch.optim.AdamW)
    assert wrapper.clip_grad_kwargs == {"max_norm": 1.0} and wrapper._accumulative_counts == 3


LAYERS = {"blocks.1.": 2, "blocks.2.": 3, "blocks.3.": 4, "norm.": 5}  # of four blocks, of which the first is frozen


@pytest.mark.parametrize("decay_all", [True, False])
def test_layers_of_an_encoder_learn_slower_the_earlier_they_are(model, decay_all):
    options = {"layer_decay": 0.5, "decoder_lr_mult": 4.0, "decay_all": decay_all}
    wrapper = EncoderDecoderConstructor(WRAPPER, options | {"lr_mult": {"backbone.vit.blocks.2.mlp": 3.0}})(model)
    groups = wrapper.optimizer.param_groups
    names = [group["name"].removesuffix("_no_decay") for group in groups]
    assert set(names) == {*(f"encoder_layer_{n}" for n in (2, 3, 4)), "encoder", "decoder", "backbone.vit.blocks.2.mlp"}
    assert len(names) == len(set(names)) * (1 if decay_all else 2) - (not decay_all)  # the last norm never decays
    for name, (lr, _) in settings_of(model, wrapper.optimizer).items():
        if name.startswith("head."):
            expected = 4.0
        elif ".blocks.2.mlp." in name:
            expected = 3.0
        else:
            expected = 0.5 ** (5 - next(layer for text, layer in LAYERS.items() if f"vit.{text}" in name))
        assert lr == pytest.approx(5e-6 * expected), name


def test_of_a_whole_transformer_the_embeddings_are_the_first_layer():
    """Of timm's too, whose names differ; and without decay from layer to layer, all have the encoder's rate."""
    vit = MODELS.build(
        {
            "type": "DepthEstimator",
            "backbone": {"type": "TimmBackbone", "name": "vit_tiny_patch16_224"},
            "head": {"type": "DPTHead", "features": 8, "out_channels": [8, 8, 8, 8]},
        }
    )
    groups = {group["name"]: group for group in encoder_decoder_groups(vit, 1.0, layer_decay=0.9)}
    names = {id(parameter): name for name, parameter in vit.named_parameters()}
    first = {names[id(parameter)].rpartition("vit.")[2] for parameter in groups["encoder_layer_0"]["params"]}
    assert {name.split(".")[-2] if "patch_embed" in name else name.split(".")[-1] for name in first} == {
        "proj",
        "pos_embed",
        "cls_token",
    }
    assert groups["encoder_layer_0"]["lr"] == pytest.approx(0.9**13)
    assert groups["encoder_layer_12"]["lr"] == pytest.approx(0.9)
    flat = encoder_decoder_groups(vit, 1.0, layer_decay=1.0)
    assert {group["lr"] for group in flat if group["name"] != "decoder"} == {1.0}


def test_layer_decay_of_an_encoder_without_blocks_is_told():
    convolutional = nn.Module()
    convolutional.backbone = nn.Sequential(nn.Conv2d(3, 4, 3))
    with pytest.raises(UserError, match="layer_decay is for encoders made of blocks"):
        encoder_decoder_groups(convolutional, 1.0, layer_decay=0.9)
    with pytest.raises(UserError, match="paramwise_cfg.layer_decay is 0, expected a factor above 0, up to 1"):
        EncoderDecoderConstructor(WRAPPER, {"layer_decay": 0})


def test_norms_biases_scales_and_embeddings_without_decay(model):
    wrapper = EncoderDecoderConstructor(WRAPPER, {"decoder_lr_mult": 2.0, "decay_all": False})(model)
    settings = settings_of(model, wrapper.optimizer)
    without = {name for name, (_, decay) in settings.items() if decay == 0}
    expected = {
        name for name in settings if name.endswith((".bias", ".gamma", "pos_embed", "cls_token")) or ".norm" in name
    }
    assert without == expected
    assert {"backbone.vit.blocks.1.ls1.gamma", "backbone.vit.norm.weight", "head.output_conv3.bias"} <= without
    assert {"backbone.vit.blocks.1.attn.qkv.weight", "head.projects.0.weight"}.isdisjoint(without)
    assert settings["head.output_conv3.bias"] == (pytest.approx(1e-5), 0.0)
    assert settings["backbone.vit.norm.weight"] == (pytest.approx(5e-6), 0.0)


def test_the_embeddings_of_a_whole_encoder_have_no_decay():
    vit = nn.Module()
    vit.pos_embed = nn.Parameter(torch.zeros(1, 5, 4))
    vit.cls_token = nn.Parameter(torch.zeros(1, 1, 4))
    vit.proj = nn.Conv2d(3, 4, 14)
    model = nn.Module()
    model.backbone = vit
    groups = {group["name"]: group for group in encoder_decoder_groups(model, 1.0, decay_all=False)}
    assert set(groups) == {"encoder", "encoder_no_decay"}
    assert groups["encoder"]["params"] == [vit.proj.weight]
    assert [id(p) for p in groups["encoder_no_decay"]["params"]] == [
        id(vit.pos_embed),
        id(vit.cls_token),
        id(vit.proj.bias),
    ]
    assert groups["encoder_no_decay"]["weight_decay"] == 0


def test_a_wrapped_model_gives_the_same_groups(model):
    wrapped = nn.Module()
    wrapped.module = model
    names = [group["name"] for group in EncoderDecoderConstructor(WRAPPER)(wrapped).optimizer.param_groups]
    assert names == ["encoder", "decoder"]


def test_an_unknown_option_is_named():
    with pytest.raises(UserError, match=r"paramwise_cfg has no 'decay_al' .*; did you mean 'decay_all'\?"):
        EncoderDecoderConstructor(WRAPPER, {"decay_al": False})
    with pytest.raises(UserError, match="paramwise_cfg.lr_mult is 3, expected a dict"):
        EncoderDecoderConstructor(WRAPPER, {"lr_mult": 3})


@pytest.mark.parametrize("decay_all", [True, False])
def test_the_longest_path_that_fits_gives_the_multiple(model, decay_all):
    multiples = {"head": 4.0, "head.projects": 8.0, "head.proj": 99.0, "backbone.vit.blocks.3": 0.5}
    options = {"lr_mult": multiples, "decay_all": decay_all, "decoder_lr_mult": 2.0}
    optimizer = EncoderDecoderConstructor(WRAPPER, options)(model).optimizer
    settings = settings_of(model, optimizer)
    for name, (lr, _) in settings.items():
        if name.startswith("head.projects."):
            expected = 8
        elif name.startswith("head."):
            expected = 4
        else:
            expected = 0.5 if name.startswith("backbone.vit.blocks.3.") else 1
        assert lr == pytest.approx(5e-6 * expected), name
    names = [group["name"] for group in optimizer.param_groups]
    assert {name.removesuffix("_no_decay") for name in names} == {
        "encoder",
        "backbone.vit.blocks.3",
        "head.projects",
        "head",
    }
    assert len(names) == len(set(names)) == (4 if decay_all else 8)


def test_the_encoder_s_own_multiple_and_a_single_parameter(model):
    options = {"lr_mult": {"backbone": 3.0, "head.output_conv3.bias": 0.0}}
    settings = settings_of(model, EncoderDecoderConstructor(WRAPPER, options)(model).optimizer)
    assert settings["backbone.vit.norm.weight"][0] == pytest.approx(1.5e-5)
    assert settings["head.output_conv3.bias"][0] == 0
    assert settings["head.output_conv3.weight"][0] == pytest.approx(5e-5)


def test_a_part_without_a_parameter_to_train_is_told(model, monkeypatch):
    lines = []
    monkeypatch.setattr("mdetools.engine.optim.param_groups.print_log", lambda line, *_: lines.append(line))
    EncoderDecoderConstructor(WRAPPER, {"lr_mult": {"head": 2.0}})(model)
    assert lines == []
    headless = nn.Module()
    headless.head = nn.Linear(2, 2)
    EncoderDecoderConstructor(WRAPPER, {"lr_mult": {"head": 2.0, "hed": 3.0}})(headless)
    assert lines == [
        f"paramwise_cfg: no trainable parameter of the model belongs to '{part}', and its learning rate has no effect"
        for part in ("backbone", "hed")
    ]
