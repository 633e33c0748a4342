"""Any backbone joins any head and learns from any supervision."""

import pytest
import torch
from support.models import loader_batch

from mdetools.registry import MODELS

BACKBONES = {
    "alexnet": dict(type="AlexNetFCN"),
    "dinov2": dict(type="DINOv2", arch="vits", out_indices=(0, 1, 2, 3)),  # the blocks after the last one are left out
    "timm": dict(type="TimmBackbone", name="resnet18"),
}
SUPERVISIONS = {  # losses, and the output that makes DPT's quantity fit them
    "depth": (dict(silog=dict(type="SiLogLoss")), dict(type="SigmoidDepth", max_depth=80.0)),
    "relative": (
        dict(affine=dict(type="AffineInvariantLoss"), gradient=dict(type="GradientMatchingLoss")),
        dict(type="ReluInverseDepth"),
    ),
    "stereo": (
        dict(photometric=dict(type="PhotometricLoss"), smoothness=dict(type="SmoothnessLoss")),
        dict(type="SigmoidDisparity"),
    ),
}
STEPS = 3  # disparity starts at zero, so that the first step moves C7 and the skips alone


def estimator(backbone, head, supervision):
    torch.manual_seed(0)
    losses, output = SUPERVISIONS[supervision]
    head = dict(type=head, output=output) if head == "DPTHead" else dict(type=head)
    return MODELS.build(dict(type="DepthEstimator", backbone=BACKBONES[backbone], head=head, losses=losses)).train()


@pytest.mark.parametrize("supervision", SUPERVISIONS)
@pytest.mark.parametrize("head", ["DPTHead", "CoarseToFineHead"])
@pytest.mark.parametrize("backbone", BACKBONES)
def test_every_parameter_learns(backbone, head, supervision):
    """None is left without a gradient, which would stop distributed training, nor with one that is zero for good."""
    model = estimator(backbone, head, supervision)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    for _ in range(STEPS):
        losses = model(**model.data_preprocessor(loader_batch((70, 98))), mode="loss")
        assert list(losses) == [f"loss_{name}" for name in SUPERVISIONS[supervision][0]]
        optimizer.zero_grad()
        model.parse_losses(losses)[0].backward()
        assert [name for name, parameter in model.named_parameters() if parameter.grad is None] == []
        optimizer.step()
    assert all(parameter.isfinite().all() for parameter in model.parameters())
    assert [name for name, parameter in model.named_parameters() if not parameter.grad.any()] == []
    moved = {name.split(".")[0] for name, parameter in model.named_parameters() if not parameter.equal(before[name])}
    assert moved == {"backbone", "head"}
