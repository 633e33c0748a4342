"""Every backbone that gives four maps learns classes of pixels under the DPT head, with weights and smoothing."""

import logging

import pytest
import torch
from support.models import FOUR_BLOCKS, loader_batch, small_estimator
from support.weight_files import write_weight_files

from mdetools.registry import MODELS
from mdetools.testing.targets import CLASSES
from mdetools.weights.loading import load_pretrained

RESNET = dict(type="TimmBackbone", name="resnet18", options=dict(channels=[8, 8, 16, 16]))
DEPTH = dict(type="DepthAugmentedBackbone", backbone=RESNET)
BACKBONES = {
    "alexnet": dict(type="AlexNetFCN"),
    "dinov2": dict(type="DINOv2", arch="tiny", out_indices=FOUR_BLOCKS),
    "timm": RESNET,
    "timm_transformer": dict(type="TimmBackbone", name="vit_tiny_patch16_224", out_indices=FOUR_BLOCKS),
    "rgbd": DEPTH,
    "depth": {**DEPTH, "channels": ("depth",)},
}
STEPS = 2
WEIGHT_FORMS = ("ours", "official", "hugging_face")  # a depth checkpoint of mdetools, and Depth Anything's


def small_segmenter(backbone, depth_channel=False, use_bn=False):
    torch.manual_seed(7)
    return MODELS.build(
        dict(
            type="Estimator",
            data_preprocessor=dict(
                type="DataPreprocessor", steps=dict(depth=dict(type="DepthChannel") if depth_channel else None)
            ),
            backbone=backbone,
            head=dict(
                type="DPTHead",
                features=8,
                out_channels=(8, 8, 8, 8),
                num_outputs=CLASSES,
                output=dict(type="Logits"),
                use_bn=use_bn,
            ),
            losses=dict(
                classes=dict(type="CrossEntropyLoss", label_smoothing=0.1, class_weights=[1.0, 2.0, 1.0, 1.0, 0.5])
            ),
        )
    )


@pytest.mark.parametrize("form", WEIGHT_FORMS)
def test_the_encoder_of_any_depth_anything_file_is_taken(form, tmp_path):
    """Of a depth network of every format that is read; the decoder with its classes stays as it started."""
    file = write_weight_files(tmp_path)[form]
    model = small_segmenter(BACKBONES["dinov2"])
    before = {key: value.clone() for key, value in model.state_dict().items()}
    expected = small_estimator()  # of the file's own architecture
    load_pretrained(expected, file, encoder_only=True, logger=logging.getLogger("x"))
    load_pretrained(model, file, encoder_only=True, logger=logging.getLogger("x"))
    encoder = expected.backbone.state_dict()
    assert all(torch.equal(value, encoder[key]) for key, value in model.backbone.state_dict().items())
    assert not torch.equal(before["backbone.vit.blocks.0.attn.qkv.weight"], encoder["vit.blocks.0.attn.qkv.weight"])
    assert all(torch.equal(value, before[f"head.{key}"]) for key, value in model.head.state_dict().items())


@pytest.mark.parametrize("name", BACKBONES)
def test_every_parameter_learns(name):
    """None is left without a gradient, which would stop distributed training; and the loss falls."""
    size = (64, 96) if name == "timm_transformer" else (70, 98)
    model = small_segmenter(BACKBONES[name], name in ("rgbd", "depth"), use_bn=name != "dinov2").train()
    batch = loader_batch(size)
    optimizer = torch.optim.SGD([one for one in model.parameters() if one.requires_grad], lr=1e-2)
    values = []
    for _ in range(STEPS):
        losses = model(**model.data_preprocessor(batch, training=True), mode="loss")
        assert list(losses) == ["loss_classes"]
        optimizer.zero_grad()
        loss, _ = model.parse_losses(losses)
        loss.backward()
        values.append(loss.item())
        trained = {key: one for key, one in model.named_parameters() if one.requires_grad}
        assert [key for key, one in trained.items() if one.grad is None] == []
        optimizer.step()
    assert all(parameter.isfinite().all() for parameter in model.parameters()) and values[1] < values[0]
    with torch.no_grad():
        (first, _) = model.eval().test_step(batch)
    assert first["logits"].shape == (CLASSES, *size)
