"""The whole model against transformers' Depth Anything, with random weights copied over by the converter."""

import pytest
import torch
from support.depth_anything_peer import (
    SMALL,
    V1_STAGES,
    build_peer,
    official_state,
    published_state,
    redraw,
    resample_officially,
)
from support.models import METRIC, RELATIVE, depth_anything, normal_image

from mdetools.registry import BACKBONES
from mdetools.weights.formats import to_mdetools
from mdetools.weights.loading import load_matching
from mdetools.weights.others import to_hugging_face, to_official

# backbone; stages; channels of the neck and of the fused path
BASE = dict(hidden_size=768, num_attention_heads=12, num_hidden_layers=12)
LARGE = dict(hidden_size=1024, num_attention_heads=16, num_hidden_layers=24)
GIANT = dict(hidden_size=1536, num_attention_heads=24, num_hidden_layers=40, use_swiglu_ffn=True)
SIZES = {
    "vits": (SMALL, (3, 6, 9, 12), (48, 96, 192, 384), 64),
    "vitb": (BASE, (3, 6, 9, 12), (96, 192, 384, 768), 128),
    "vitl": (LARGE, (5, 12, 18, 24), (256, 512, 1024, 1024), 256),
    "vitg": (GIANT, (10, 20, 30, 40), (1536, 1536, 1536, 1536), 384),
}


@pytest.fixture(scope="module")
def metric_pair():
    peer, model = build_peer(), depth_anything(METRIC).eval()
    redraw(peer, seed=0)
    load_matching(model, to_mdetools(peer.state_dict(), "peer"), "peer")
    return model, peer


def differ(model, peer, size, offset, quantity="depth"):
    """The largest difference, and the deviation and the maximum of the peer's map."""
    image = normal_image(*size)
    model.backbone.pos_embed_offset = offset
    with torch.inference_mode():
        ours, theirs = model(image, mode="tensor")[quantity][:, 0], peer(image).predicted_depth
    assert ours.shape == theirs.shape == (1, *size)
    return (ours - theirs).abs().max().item(), theirs.std().item(), theirs.max().item()


@pytest.mark.parametrize("size", [pytest.param((518, 686), marks=pytest.mark.slow), (140, 252)])
def test_metric_small(metric_pair, size):
    difference, deviation, _ = differ(*metric_pair, size, offset=None)
    assert deviation > 0.5  # metres; an untrained model's constant would agree with everything
    assert difference < 1e-4 * 10


@pytest.mark.slow
@pytest.mark.parametrize("offset", [None, 0.1])
def test_metric_small_at_its_own_size(metric_pair, offset):
    """Where nothing is resampled, both settings must agree with transformers."""
    difference, deviation, _ = differ(*metric_pair, (518, 518), offset)
    assert deviation > 0.5
    assert difference < 1e-4 * 10


@pytest.mark.parametrize("size", [(140, 252), (98, 546)])
def test_metric_small_with_the_reference_recipe(metric_pair, monkeypatch, size):
    """transformers resamples to the exact size; given embeddings resampled as the reference does, it agrees."""
    model, peer = metric_pair
    resampled = resample_officially(peer, *size)
    plain, _, _ = differ(model, peer, size, offset=0.1)
    assert plain > 0.1  # metres: the two recipes are really different
    monkeypatch.setattr(peer.backbone.embeddings, "interpolate_pos_encoding", lambda *args: resampled)
    difference, deviation, _ = differ(model, peer, size, offset=0.1)
    assert deviation > 0.5
    assert difference < 1e-4 * 10


@pytest.mark.parametrize("size", [pytest.param((518, 518), marks=pytest.mark.slow), (140, 252)])
def test_relative_small(size):
    peer, model = build_peer(metric=False), depth_anything(RELATIVE).eval()
    redraw(peer, seed=2)
    load_matching(model, to_mdetools(peer.state_dict(), "peer"), "peer")
    difference, deviation, highest = differ(model, peer, size, None, "inverse_depth")
    assert deviation > 0.05 * highest
    assert difference < 1e-4 * highest


def test_version_1_takes_the_last_four_blocks(metric_pair):
    peer, model = build_peer(stages=V1_STAGES), depth_anything(METRIC, out_indices=(8, 9, 10, 11)).eval()
    redraw(peer, seed=3)
    state = to_mdetools(official_state(peer), "peer")
    load_matching(model, state, "peer")
    difference, deviation, _ = differ(model, peer, (140, 252), None)
    assert deviation > 0.5
    assert difference < 1e-4 * 10
    other = metric_pair[0]
    before = {key: value.clone() for key, value in other.state_dict().items()}
    load_matching(other, state, "peer")  # the same names fit a V2 model, whose depth is another one
    difference, _, _ = differ(other, peer, (140, 252), None)
    other.load_state_dict(before)
    assert difference > 0.1


@pytest.mark.parametrize("arch", SIZES)
@pytest.mark.parametrize("rename", [official_state, published_state])
def test_names_and_shapes_of_every_size(arch, rename):
    backbone, stages, neck, fusion = SIZES[arch]
    with torch.device("meta"):
        peer = build_peer([f"stage{stage}" for stage in stages], backbone, neck, fusion)
        model = depth_anything(METRIC, arch, head=dict(features=fusion, out_channels=neck)).eval()
        state = to_mdetools(rename(peer), "peer")
    shapes = {key: value.shape for key, value in model.state_dict().items()}
    assert {key: value.shape for key, value in state.items()} == shapes
    back = {official_state: to_official, published_state: to_hugging_face}[rename](model.state_dict()).state
    assert {key: value.shape for key, value in back.items()} == {k: v.shape for k, v in rename(peer).items()}


def test_gated_mlp_of_the_giant():
    """One of its blocks, for 40 would need 4.5 GB: the official names, and the output of transformers' own."""
    peer = build_peer(["stage1"], GIANT | dict(num_hidden_layers=1), neck=(8, 8, 8, 8), fusion=8)
    redraw(peer, seed=4)
    with torch.device("meta"):
        vit = BACKBONES.build(dict(type="DINOv2", arch="vitg", out_indices=(0,), pos_embed_offset=None))
    state = to_mdetools(official_state(peer), "peer")
    prefix = "backbone."
    vit.load_state_dict({k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}, assign=True)
    image = normal_image(56, 84)
    with torch.inference_mode():
        ours = vit.eval()(image)[0].flatten(2).transpose(1, 2)
        theirs = peer.backbone(image).feature_maps[0][:, 1:]
    torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-5)
