"""Whole models as graphs: one for all sizes by `torch.export`, one for a size by `torch.jit.trace`."""

import pytest
import support.tiny_training  # noqa: F401, which adds the architecture
import torch
from torch import nn
from torch.export import Dim

from mdetools.registry import MODELS

DPT = dict(type="DPTHead", features=8, out_channels=(8, 8, 8, 8))
SIZES = [(518, 518), (518, 686), (140, 252), (266, 518)]  # 518x518 is the position embeddings' own grid of 37x37
EXAMPLE = (252, 364)  # what a graph is made from is none of the sizes
MODELS_BY_NAME = {  # backbone, head, further sizes, and the multiple that its sides must be of
    "dinov2": (dict(type="DINOv2", arch="tiny"), DPT, [], 14),
    "vits": (dict(type="DINOv2", arch="vits"), dict(type="DPTHead"), [], 14),
    "alexnet": (dict(type="AlexNetFCN"), dict(type="CoarseToFineHead"), [(188, 620), (94, 310)], 1),
    "resnet": (dict(type="TimmBackbone", name="resnet18"), DPT, [(188, 620)], 1),
    "dinov2_coarse_to_fine": (dict(type="DINOv2", arch="tiny"), dict(type="CoarseToFineHead"), [], 14),
}
BOUNDS = {14: (3, 100), 1: (72, 1400)}  # of sides, in multiples: maps of one cell are a case of their own to torch


class Quantity(nn.Module):
    """The map alone, as people export it."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, image):
        prediction = self.model(image, mode="tensor")
        return prediction["depth"] if "depth" in prediction else prediction["disparity"]


def random_model(name):
    """A model whose weights are all random, so that what it says varies from pixel to pixel."""
    torch.manual_seed(0)
    backbone, head, *_ = MODELS_BY_NAME[name]
    model = MODELS.build(dict(type="DepthEstimator", backbone=backbone, head=head)).eval()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "pos_embed" in key:
                parameter.normal_()
            elif "doublings" in key:
                parameter.add_(0.05 * torch.randn_like(parameter))
            elif parameter.ndim > 1:
                parameter.normal_().mul_(parameter[0].numel() ** -0.5)
            else:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return Quantity(model)


def free_sides(multiple, way):
    if way != "Dim":
        return {"image": {2: getattr(Dim, way), 3: getattr(Dim, way)}}
    low, high = BOUNDS[multiple]
    return {"image": {2: multiple * Dim("h", min=low, max=high), 3: multiple * Dim("w", min=low, max=high)}}


def image(size, batch=1):
    return torch.randn(batch, 3, *size, generator=torch.Generator().manual_seed(sum(size)))


def check_export(name, way, enabled):
    model, (*_, more, multiple) = random_model(name), MODELS_BY_NAME[name]
    with torch.set_grad_enabled(enabled):
        exported = torch.export.export(model, (image(EXAMPLE),), dynamic_shapes=free_sides(multiple, way)).module()
    for size in SIZES + more:
        with torch.no_grad():
            expected, found = model(image(size)), exported(image(size))
        spread = expected.max() - expected.min()
        assert found.shape == expected.shape and expected.std() > 0.05 * spread > 0
        assert (found - expected).abs().max() < 1e-4 * spread, (size, ((found - expected).abs().max() / spread).item())


@pytest.mark.parametrize(
    ("name", "way", "enabled"),
    [
        ("dinov2", "Dim", True),
        ("dinov2", "AUTO", False),
        ("dinov2_coarse_to_fine", "Dim", False),
    ],
)
def test_one_program_for_all_sizes(name, way, enabled):
    check_export(name, way, enabled)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "way", "enabled"),
    [
        ("vits", "Dim", True),
        ("vits", "DYNAMIC", False),
        ("alexnet", "Dim", True),
        ("alexnet", "AUTO", False),
        ("resnet", "Dim", False),
    ],
)
def test_one_program_for_all_sizes_of_larger_models(name, way, enabled):
    check_export(name, way, enabled)


def test_the_number_of_images_is_free_too():
    model = random_model("dinov2")
    free = {0: Dim("images", min=1), **free_sides(14, "Dim")["image"]}
    exported = torch.export.export(model, (image(EXAMPLE, 2),), dynamic_shapes={"image": free}).module()
    with torch.no_grad():
        for batch in (1, 3):
            expected = model(image((140, 252), batch))
            torch.testing.assert_close(exported(image((140, 252), batch)), expected, rtol=1e-4, atol=1e-4)


def test_the_resampling_is_seen_in_the_output():
    """What the tests above compare would be far off with embeddings that are resampled in another way."""
    model = random_model("dinov2")
    with torch.no_grad():
        with_offset = model(image((140, 252)))
        model.model.backbone.pos_embed_offset = None
        without = model(image((140, 252)))
    assert (with_offset - without).abs().max() > 1e-2 * (with_offset.max() - with_offset.min())


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize(
    ("name", "size"),
    [("dinov2", (518, 518)), ("dinov2", (140, 252)), ("alexnet", (94, 310)), ("resnet", (140, 252))],
)
def test_a_trace_is_the_model_at_its_size(name, size, enabled, tmp_path):
    model = random_model(name)
    with torch.set_grad_enabled(enabled):
        torch.jit.trace(model, image(size)).save(tmp_path / "trace.pt")
    traced = torch.jit.load(tmp_path / "trace.pt")
    with torch.no_grad():
        other = image(size, 1).flip(-1)
        assert torch.equal(traced(other), model(other))


def test_a_model_in_training_is_exported_without_recomputation():
    backbone = dict(type="DINOv2", arch="tiny", grad_checkpointing=True)
    model = Quantity(MODELS.build(dict(type="DepthEstimator", backbone=backbone, head=DPT)).train())
    exported = torch.export.export(model, (image((28, 42)),))
    assert {node.op for node in exported.graph.nodes} <= {"placeholder", "call_function", "output", "get_attr"}
    assert all("checkpoint" not in str(node.target) for node in exported.graph.nodes)
    torch.testing.assert_close(exported.module()(image((28, 42))), model(image((28, 42))))
