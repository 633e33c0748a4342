"""Weights are found under whatever prefixes and in whatever dict they were saved."""

import logging

import pytest
import torch
from support.depth_anything_peer import official_state, published_state
from support.models import small_estimator
from support.user_errors import user_error
from support.weight_files import TINY, tiny_peer
from torch import nn

from mdetools.registry import MODELS
from mdetools.weights.formats import to_mdetools
from mdetools.weights.loading import load_pretrained, load_whole
from mdetools.weights.unwrapping import without_prefixes

ADAM = {"state": {0: {"step": torch.tensor(3.0), "exp_avg": torch.zeros(2)}}, "param_groups": [{"lr": 0.1}]}


@pytest.fixture(scope="module")
def states():
    """One model's weights under the names of each format, and under ours."""
    peer = tiny_peer()
    own = to_mdetools(official_state(peer), "peer")
    return {"official": official_state(peer), "hugging_face": published_state(peer), "ours": own}, own


def assert_loads(tmp_path, checkpoint, expected):
    torch.save(checkpoint, tmp_path / "w.pth")
    model = small_estimator()
    load_whole(model, tmp_path / "w.pth")
    assert all(torch.equal(value, expected[key]) for key, value in model.state_dict().items())


PREFIXES = [
    "module.", "_orig_mod.", "model.", "module.module.", "module._orig_mod.", "_orig_mod.module.", "model._orig_mod.",
    "_orig_mod.model.module.", "model.model.", "module.model._orig_mod.module.",
]  # fmt: skip


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("format_", ["official", "hugging_face", "ours"])
def test_prefixes_in_any_order_and_number(tmp_path, states, format_, prefix):
    formats, own = states
    assert_loads(tmp_path, {prefix + key: value for key, value in formats[format_].items()}, own)


@pytest.mark.parametrize("inside", ["_orig_mod", "module", "module._orig_mod"])
def test_prefixes_inside_a_name(tmp_path, states, inside):
    formats, own = states
    for old, new in (("backbone.", f"backbone.{inside}."), ("backbone.vit.", f"backbone.{inside}.vit.{inside}.")):
        state = {key.replace(old, new, 1): value for key, value in formats["ours"].items()}
        assert_loads(tmp_path, state, own)
        assert_loads(tmp_path, {"meta": {"mdetools_version": "1.0"}, "state_dict": state}, own)
        assert_loads(tmp_path, {"state_dict": {f"module.{key}": value for key, value in state.items()}}, own)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: {"model_state_dict": state, "optimizer_state_dict": ADAM, "epoch": 3, "loss": torch.tensor(0.1)},
        lambda state: {"params": state},
        lambda state: {"net": state, "optimizer": ADAM, "rng": torch.zeros(8, dtype=torch.uint8)},
        lambda state: {"ema": state, "step": 3},
        lambda state: {"my own name": state, "config": {"lr": 0.1}},
        lambda state: {"model": state, "ema": {key: value + 1 for key, value in state.items()}},
        lambda state: {"state_dict": state, "net": {"x": torch.zeros(1)}, "model": {"y": torch.zeros(1)}},
        lambda state: {"model": {"name": "vits"}, "weights": state},
        lambda state: {"checkpoint": {"model": state, "optimizer": ADAM}, "args": {"lr": 0.1}},
        lambda state: {"trainer": {"epoch": 3}, "model": {"state_dict": state}},
        lambda state: state | {"epoch": 3, "args": {"lr": 0.1}},
    ],
)
def test_wrappers_of_any_name(tmp_path, states, wrap):
    formats, own = states
    for state in formats.values():
        assert_loads(tmp_path, wrap(state), own)


@pytest.mark.parametrize("names", [("net", "ema"), ("generator", "discriminator", "critic")])
def test_several_sets_of_weights_are_not_guessed_at(tmp_path, states, names):
    torch.save(dict.fromkeys(names, states[1]), tmp_path / "w.pth")
    told = f"holds several sets of weights, {', '.join(names)}; load it in Python and save the one that you mean"
    user_error(lambda: load_whole(small_estimator(), tmp_path / "w.pth"), told, f"checkpoint['{names[0]}']")


def test_two_weights_that_become_one_are_named(tmp_path, states):
    key = "head.output_conv1.bias"
    torch.save(states[1] | {f"module.{key}": torch.zeros(4)}, tmp_path / "w.pth")
    user_error(lambda: load_whole(small_estimator(), tmp_path / "w.pth"), f"holds two weights for {key}")


class WrappedModel(nn.Module):
    """A plugin's model whose parts have the names of wrappers."""

    def __init__(self):
        super().__init__()
        self.model, self.backbone = nn.Linear(2, 2), nn.ModuleDict({"module": nn.Linear(2, 2)})


def test_a_models_own_parts_keep_such_names(tmp_path):
    MODELS.register_module(module=WrappedModel, name="_Wrapped", force=True)
    trained, model = WrappedModel(), WrappedModel()
    for prefix in ("", "module.", "module._orig_mod."):
        state = {prefix + key: value for key, value in trained.state_dict().items()}
        for checkpoint in (state, {"meta": {"mdetools_version": "1.0"}, "state_dict": state}):
            torch.save(checkpoint, tmp_path / "w.pth")
            for value in model.state_dict().values():
                value.zero_()
            load_whole(model, tmp_path / "w.pth")
            assert all(map(torch.equal, model.state_dict().values(), trained.state_dict().values()))


def test_names_without_a_wrapper_stay():
    for name in ("backbone.vit.norm.bias", "blocks.0.attn.qkv.weight", "module", "modules.0.weight", "remodel.bias"):
        assert without_prefixes(name, ()) == name
    assert without_prefixes("backbone.model.conv1.weight", ()) == "backbone.model.conv1.weight"  # timm's, in ours


def test_what_did_not_load_is_listed_by_the_models_names(tmp_path, states, caplog):
    state = {f"_orig_mod.module.{key}": value for key, value in states[1].items()}
    state.pop("_orig_mod.module.head.output_conv1.bias")
    torch.save({"net": state | {"_orig_mod.module.criterion.weight": torch.zeros(1)}}, tmp_path / "w.pth")
    with caplog.at_level(logging.INFO):
        load_pretrained(small_estimator(), tmp_path / "w.pth", encoder_only=False, logger=logging.getLogger("x"))
    assert "1 weights not in the checkpoint, left at random: head.output_conv1.bias" in caplog.text
    assert "1 weights not in the model, left out: criterion.weight" in caplog.text
    assert TINY["num_hidden_layers"] == 4
