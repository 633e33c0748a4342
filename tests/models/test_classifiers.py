"""Every backbone under the head of classes learns, from labels and from mixed ones."""

import pytest
import torch
from support.models import FOUR_BLOCKS, loader_batch

from mdetools.registry import MODELS

RESNET = dict(type="TimmBackbone", name="resnet18", options=dict(channels=[8, 8, 16, 16]))
DEPTH = dict(type="DepthAugmentedBackbone", backbone=RESNET)
BACKBONES = {
    "alexnet": dict(type="AlexNetFCN"),
    "dinov2": dict(type="DINOv2", arch="tiny", out_indices=FOUR_BLOCKS),
    "timm": RESNET,
    "fast_conv": dict(type="FastConv", input_channels=3, input_size=(70, 98)),
    "survey": dict(type="DepthAugmentedBackbone", backbone=dict(type="FastConv", input_size=(70, 98))),
    "rgbd": DEPTH,
    "depth": {**DEPTH, "channels": ("depth",)},
    "on_the_fly": {**DEPTH, "depth": "mdetools-tiny", "depth_size": (64, 64)},
}
STEPS = 2


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("name", BACKBONES)
def test_every_parameter_learns(name, mixed):
    """None is left without a gradient, which would stop distributed training."""
    torch.manual_seed(0)
    steps = dict(
        depth=dict(type="DepthChannel") if name in ("survey", "rgbd", "depth") else None,
        mixup=dict(type="Mixup", num_classes=5) if mixed else None,
    )
    model = MODELS.build(
        dict(
            type="Estimator",
            data_preprocessor=dict(type="DataPreprocessor", steps=steps),
            backbone=BACKBONES[name],
            head=dict(type="ClassificationHead", num_classes=5),
            losses=dict(classes=dict(type="CrossEntropyLoss", label_smoothing=0.1)),
        )
    ).train()
    optimizer = torch.optim.SGD([one for one in model.parameters() if one.requires_grad], lr=1e-2)
    for _ in range(STEPS):
        losses = model(**model.data_preprocessor(loader_batch((70, 98)), training=True), mode="loss")
        assert list(losses) == ["loss_classes"]
        optimizer.zero_grad()
        model.parse_losses(losses)[0].backward()
        trained = {key: one for key, one in model.named_parameters() if one.requires_grad}
        assert [key for key, one in trained.items() if one.grad is None] == []
        optimizer.step()
    assert all(parameter.isfinite().all() for parameter in model.parameters())
    assert not any(key.startswith("backbone.depth.") for key in trained)


def test_a_head_of_classes_per_pixel_takes_it_too():
    torch.manual_seed(0)
    head = dict(type="DPTHead", features=8, out_channels=(8, 8, 8, 8), num_outputs=5, output=dict(type="Logits"))
    loss = dict(classes=dict(type="CrossEntropyLoss"))
    model = MODELS.build(dict(type="Estimator", backbone=BACKBONES["on_the_fly"], head=head, losses=loss)).train()
    losses = model(**model.data_preprocessor(loader_batch((64, 96)), training=True), mode="loss")
    model.parse_losses(losses)[0].backward()
    assert [key for key, one in model.named_parameters() if one.requires_grad and one.grad is None] == []
    assert model.backbone.backbone.model.conv1.further.weight.grad.any()
