"""Weights of another backbone are told by the names of both."""

import logging

import pytest
import torch
from support.depth_anything_peer import official_state
from support.models import depth_anything, small_estimator
from support.user_errors import user_error
from support.weight_files import CONFIG, tiny_peer

from mdetools.registry import MODELS
from mdetools.weights.loading import load_encoder, load_pretrained, load_whole

LOGGER = logging.getLogger("mdetools")
RESIDUAL = dict(
    type="Estimator",
    backbone=dict(type="TimmBackbone", name="test_resnet"),
    head=dict(type="DPTHead", features=8, out_channels=(8, 8, 8, 8), output=dict(type="ReluInverseDepth")),
)
DISPARITY = dict(
    type="Estimator",
    backbone=dict(type="AlexNetFCN"),
    head=dict(type="CoarseToFineHead"),
    data_preprocessor=dict(mean=(0.5, 0.5, 0.5), std=(1.0, 1.0, 1.0)),
)


@pytest.fixture(scope="module")
def residual():
    return MODELS.build(RESIDUAL)


def save(path, state, config=None):
    meta = {} if config is None else {"meta": {"mdetools_version": "1.0", "cfg": config}}
    torch.save({"state_dict": state, **meta}, path)
    return path


def ways(model, path):
    """What loads a file: whole, its encoder, and as the start of a training."""
    yield lambda: load_whole(model, path)
    yield lambda: load_encoder(model, path)
    yield lambda: load_pretrained(model, path, False, LOGGER)
    yield lambda: load_pretrained(model, path, True, LOGGER)


@pytest.mark.parametrize("config", [CONFIG, None])
def test_a_vision_transformer_in_place_of_a_residual_network(residual, tmp_path, config):
    path = save(tmp_path / "vit.pth", small_estimator().state_dict(), config)
    for load in ways(residual, path):
        line = user_error(load, "vit.pth' was made for DINOv2, the config has TimmBackbone as its backbone; use the")
        assert "vits" not in line and "head." not in line


def test_a_released_file_says_its_backbone_by_the_names_of_its_weights(residual, tmp_path):
    torch.save(official_state(tiny_peer()), tmp_path / "released.pth")
    user_error(lambda: load_whole(residual, tmp_path / "released.pth"), "was made for DINOv2, the config has Timm")


def test_the_backbone_is_told_before_what_else_differs(residual, tmp_path):
    """The mean of its images differs too, and setting that alone would help nobody."""
    model = MODELS.build(DISPARITY)
    path = save(tmp_path / "vit.pth", small_estimator().state_dict(), CONFIG)
    user_error(lambda: load_whole(model, path), "was made for DINOv2, the config has AlexNetFCN")
    path = save(tmp_path / "stereo.pth", model.state_dict(), f"model = {DISPARITY!r}")
    for load in ways(residual, path):
        user_error(load, "was made for AlexNetFCN, the config has TimmBackbone")


def test_another_size_of_one_backbone_is_told_as_before(residual, tmp_path):
    path = save(tmp_path / "small.pth", small_estimator().state_dict(), CONFIG)
    model = depth_anything(head=dict(features=8, out_channels=(8, 8, 8, 8)), out_indices=(0, 1, 2, 3))
    user_error(lambda: load_whole(model, path), "choose the config of the same size (vits, vitb, vitl, vitg)")
    wide = {name: torch.cat([value, value]) if value.ndim else value for name, value in residual.state_dict().items()}
    line = user_error(lambda: load_whole(residual, save(tmp_path / "wide.pth", wide)), "use the config that it was")
    assert "vits" not in line


def test_a_head_is_taken_where_the_backbone_is_left_out(residual, tmp_path):
    output = {
        name: value for name, value in small_estimator("inverse_depth").state_dict().items() if "projects" not in name
    }
    path = save(tmp_path / "vit.pth", output)
    load_pretrained(residual, path, False, LOGGER, leave_out=["backbone.", "head.projects."])
    assert torch.equal(residual.state_dict()["head.output_conv3.weight"], output["head.output_conv3.weight"])
