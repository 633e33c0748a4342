"""Every backbone that gives four maps learns classes of pixels under the DPT head, with weights and smoothing."""

import pytest
import torch
from support.models import FOUR_BLOCKS, loader_batch

from mdetools.registry import MODELS
from mdetools.testing.targets import CLASSES

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


@pytest.mark.parametrize("name", BACKBONES)
def test_every_parameter_learns(name):
    """None is left without a gradient, which would stop distributed training; and the loss falls."""
    size = (64, 96) if name == "timm_transformer" else (70, 98)
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type="Estimator",
            data_preprocessor=dict(
                type="DataPreprocessor",
                steps=dict(depth=dict(type="DepthChannel") if name in ("rgbd", "depth") else None),
            ),
            backbone=BACKBONES[name],
            head=dict(
                type="DPTHead",
                features=8,
                out_channels=(8, 8, 8, 8),
                num_outputs=CLASSES,
                output=dict(type="Logits"),
                use_bn=name != "dinov2",
            ),
            losses=dict(
                classes=dict(type="CrossEntropyLoss", label_smoothing=0.1, class_weights=[1.0, 2.0, 1.0, 1.0, 0.5])
            ),
        )
    ).train()
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
