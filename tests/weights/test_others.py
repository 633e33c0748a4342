"""Weights under the names of others, there and back."""

import pytest
import torch
from support.depth_anything_peer import build_peer, official_state, published_state, redraw
from support.weight_files import TINY

from mdetools.weights.formats import to_mdetools
from mdetools.weights.names import DEPTH_ANYTHING, HUGGING_FACE, ours, theirs
from mdetools.weights.others import is_gated, to_hugging_face, to_official

UNUSED = {
    "official": ["pretrained.mask_token"]
    + [f"depth_head.scratch.refinenet4.resConfUnit1.conv{i}.{kind}" for i in (1, 2) for kind in ("weight", "bias")],
    "hugging_face": ["backbone.embeddings.mask_token"]
    + [
        f"neck.fusion_stage.layers.0.residual_layer1.convolution{i}.{kind}"
        for i in (1, 2)
        for kind in ("weight", "bias")
    ],
}
NAMING = {"official": (official_state, to_official), "hugging_face": (published_state, to_hugging_face)}


@pytest.fixture(scope="module", params=[False, True], ids=["mlp", "gated"])
def peer(request):
    stages = [f"stage{stage}" for stage in (1, 2, 3, 4)]
    peer = build_peer(stages, TINY | dict(use_swiglu_ffn=request.param), neck=(8, 8, 8, 8), fusion=8)
    redraw(peer, seed=0)
    return peer


@pytest.mark.parametrize("naming", NAMING)
def test_there_and_back_is_the_same_to_the_bit(peer, naming):
    rename, back = NAMING[naming]
    state = rename(peer)
    own = to_mdetools(state, "peer")
    assert is_gated(own) == peer.config.backbone_config.use_swiglu_ffn
    written = back(own)
    assert sorted(written.unused) == sorted(UNUSED[naming])
    assert written.state.keys() == state.keys()
    for name, value in state.items():
        found = written.state[name]
        assert torch.equal(found, torch.zeros_like(value) if name in written.unused else value), name
        assert found.dtype == value.dtype
    again = to_mdetools(written.state, "written")
    assert again.keys() == own.keys()
    assert all(torch.equal(again[name], value) for name, value in own.items())


def test_one_format_to_the_other(peer):
    """From the official names, by ours, to those of transformers' own files, and the other way round."""
    official, published = official_state(peer), published_state(peer)
    as_published = to_hugging_face(to_mdetools(official, "official"))
    as_official = to_official(to_mdetools(published, "published"))
    for written, expected in ((as_published, published), (as_official, official)):
        used = expected.keys() - set(written.unused)
        assert written.state.keys() == expected.keys()
        assert all(torch.equal(written.state[name], expected[name]) for name in used)


def test_each_number_has_its_place():
    for level, (official, published) in enumerate([("1", "3"), ("2", "2"), ("3", "1"), ("4", "0")]):
        own = f"head.fusions.{level}.out_conv.weight"
        there = f"depth_head.scratch.refinenet{official}.out_conv.weight"
        assert (theirs(own, DEPTH_ANYTHING), ours(there, DEPTH_ANYTHING)) == (there, own)
        there = f"neck.fusion_stage.layers.{published}.projection.weight"
        assert (theirs(own, HUGGING_FACE), ours(there, HUGGING_FACE)) == (there, own)
    assert ours("depth_head.scratch.layer12_rn.weight", DEPTH_ANYTHING) == "head.reducers.12.weight"  # unknown there


def test_batch_normalisation_has_the_official_names():
    state = {
        "backbone.vit.cls_token": torch.ones(1, 1, 4),
        "backbone.vit.blocks.0.mlp.fc1.weight": torch.ones(16, 4),
        "backbone.vit.blocks.0.mlp.fc2.weight": torch.ones(4, 16),
        "head.fusions.2.skip_unit.bn1.running_var": torch.ones(8),
    }
    written = to_official(state)
    assert torch.equal(written.state["depth_head.scratch.refinenet3.resConfUnit1.bn1.running_var"], torch.ones(8))
    assert torch.equal(written.state["depth_head.scratch.refinenet4.resConfUnit1.bn1.running_var"], torch.zeros(8))
    assert written.unused == ["pretrained.mask_token", "depth_head.scratch.refinenet4.resConfUnit1.bn1.running_var"]
