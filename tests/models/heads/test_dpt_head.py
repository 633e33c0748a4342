import numpy as np
import pytest
import torch
import torch.nn.functional as F
from support.models import features

from mdetools.errors import UserError
from mdetools.models.heads.dpt_head import FusionBlock, float_logits
from mdetools.registry import HEADS
from mdetools.testing import check_head
from mdetools.testing.modules import check_module

PLAIN = dict(in_channels=[12] * 4, in_strides=[14] * 4)
PYRAMID = dict(in_channels=[6, 8, 10, 12], in_strides=[4, 8, 16, 32])
SMALL = dict(features=8, out_channels=(4, 6, 8, 10), output=dict(type="SigmoidDepth", max_depth=10.0))


def dpt_head(source, **kwargs):
    """A head with weights drawn so that its depth varies by metres."""
    torch.manual_seed(0)
    head = HEADS.build(dict(type="DPTHead", **{**source, **SMALL, **kwargs})).eval()
    with torch.no_grad():
        for name, parameter in head.named_parameters():
            parameter.normal_().mul_(parameter[0].numel() ** -0.5 if parameter.ndim > 1 else 0.2)
            if name == "output_conv3.weight":
                parameter.sub_(parameter.mean())
    return head


def lerp_matrix(count, side):
    """(count, side): linear interpolation whose first and last sample are the first and last cell, in float64."""
    at = np.arange(count) * (side - 1) / (count - 1) if count > 1 else np.zeros(1)
    return torch.from_numpy(np.maximum(0, 1 - np.abs(at[:, None] - np.arange(side))))


def resize(x, size):
    rows, columns = (lerp_matrix(count, side) for count, side in zip(size, x.shape[2:], strict=True))
    return rows @ x @ columns.T


def reference(head, maps, image_size):
    """The logits of Depth Anything V2 in float64, in the published order: upsample, then the 1x1 convolution."""
    w = {name: value.double() for name, value in head.state_dict().items()}

    def conv(x, name, **kwargs):
        return F.conv2d(x, w[f"{name}.weight"], w.get(f"{name}.bias"), **kwargs)

    def unit(x, name):
        inner = conv(x.clamp(min=0), f"{name}.conv1", padding=1)
        return x + conv(inner.clamp(min=0), f"{name}.conv2", padding=1)

    levels = []
    for i, x in enumerate(maps):
        x = conv(x.double(), f"projects.{i}")
        if f"resizers.{i}.weight" in w:
            weight, bias = w[f"resizers.{i}.weight"], w[f"resizers.{i}.bias"]
            if i == 3:
                x = F.conv2d(x, weight, bias, stride=2, padding=1)
            else:  # kernel and stride are alike, so each cell becomes one block of the output
                x = torch.einsum("bchw,cokl->bohkwl", x, weight).flatten(4).flatten(2, 3) + bias[:, None, None]
        levels.append(conv(x, f"reducers.{i}", padding=1))
    path = 0
    for i in (3, 2, 1, 0):
        path = path + unit(levels[i], f"fusions.{i}.skip_unit") if i < 3 else levels[3]
        size = levels[i - 1].shape[2:] if i else [2 * side for side in levels[0].shape[2:]]
        path = conv(resize(unit(path, f"fusions.{i}.unit"), size), f"fusions.{i}.out_conv")
    path = resize(conv(path, "output_conv1", padding=1), image_size)
    return conv(conv(path, "output_conv2", padding=1).clamp(min=0), "output_conv3")


CASES = [
    pytest.param(PLAIN, [(5, 7)] * 4, (70, 98), id="one stride"),
    pytest.param(PYRAMID, [(18, 24), (9, 12), (5, 6), (3, 3)], (70, 94), id="pyramid"),
]


@pytest.mark.parametrize(("source", "sizes", "image_size"), CASES)
def test_equals_the_published_head(source, sizes, image_size):
    head, maps = dpt_head(source), features(source, sizes)
    with torch.no_grad():
        depth = head(maps, image_size)["depth"]
        expected = 10 / (1 + (-reference(head, maps, image_size)).exp())
    assert expected.std() > 0.5  # metres
    assert depth.shape == (2, 1, *image_size)
    torch.testing.assert_close(depth.double(), expected, rtol=0, atol=5e-5)


@pytest.mark.parametrize(("source", "sizes", "image_size"), CASES)
def test_battery(source, sizes, image_size):
    check_head(dpt_head(source), features(source, sizes), image_size)


def test_one_by_one_convolution_commutes_with_upsampling():
    torch.manual_seed(0)
    block = FusionBlock(16, has_skip=True)
    path, skip = torch.randn(2, 16, 5, 7), torch.randn(2, 16, 5, 7)
    with torch.no_grad():
        ours = block(path, (10, 13), skip)
        path = block.unit(path + block.skip_unit(skip))
        theirs = block.out_conv(F.interpolate(path, (10, 13), mode="bilinear", align_corners=True))
    assert theirs.std() > 0.2
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_coarsest_block_has_no_unused_skip_unit():
    names = {name.rsplit(".", 2)[0] for name, _ in dpt_head(PLAIN).fusions.named_parameters()}
    assert "0.skip_unit" in names
    assert "3.skip_unit" not in names


def test_depth_is_float32_under_autocast():
    """Its last layer is not rounded to bfloat16, whose steps at 5 m are 3 cm, and the layers before cost little."""
    head, maps = dpt_head(PLAIN), features(PLAIN, [(5, 7)] * 4)
    with torch.no_grad():
        exact = head(maps, (70, 98))["depth"]
        with torch.autocast("cpu", torch.bfloat16):
            depth = head(maps, (70, 98))["depth"]
    assert depth.dtype == torch.float32
    assert depth.unique().numel() > 0.5 * depth.numel()  # bfloat16 has 128 values an octave
    error = (depth - exact).abs()
    assert 0 < error.mean() < 0.05


def test_inverse_depth_takes_its_name_from_the_output():
    head, maps = dpt_head(PLAIN, output=dict(type="ReluInverseDepth")), features(PLAIN, [(2, 3)] * 4)
    with torch.no_grad():
        prediction = head(maps, (28, 42))
        logits = reference(head, maps, (28, 42))
    assert list(prediction) == ["inverse_depth"]
    torch.testing.assert_close(prediction["inverse_depth"].double(), logits.clamp(min=0), rtol=0, atol=5e-5)


@pytest.mark.parametrize(("source", "sizes", "image_size"), CASES)
def test_a_segmentation_head(source, sizes, image_size):
    head, maps = dpt_head(source, output=dict(type="Logits"), num_outputs=5), features(source, sizes)
    with torch.no_grad():
        prediction = head(maps, image_size)
        expected = reference(head, maps, image_size)
    assert list(prediction) == ["logits"]
    assert prediction["logits"].shape == (2, 5, *image_size)
    assert expected.std() > 0.1
    torch.testing.assert_close(prediction["logits"].double(), expected, rtol=0, atol=5e-5)
    check_module(head, maps, image_size)


@pytest.mark.parametrize("channels", [1, 3, 4, 5, 19])
def test_logits_of_bfloat16_maps_are_not_rounded_to_it(channels):
    """Each channel as the published layer has it, in float64, up to the rounding of its weights and groups."""
    torch.manual_seed(0)
    x, conv = torch.randn(2, 32, 6, 7).bfloat16(), torch.nn.Conv2d(32, channels, 1)
    gradient = torch.randn(2, channels, 6, 7)
    leaf = x.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        found = float_logits(leaf, conv)
    weight, bias = conv.weight.detach().double().flatten(1), conv.bias.detach().double()
    expected = torch.einsum("kc,bchw->bkhw", weight, x.double()) + bias[:, None, None]
    found.backward(gradient)
    assert found.dtype == torch.float32 and found.shape == expected.shape
    assert not torch.equal(found, found.bfloat16().float())
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=1e-2)
    torch.testing.assert_close(
        leaf.grad.double(), torch.einsum("kc,bkhw->bchw", weight, gradient.double()), rtol=0, atol=2e-2 * channels**0.5
    )
    torch.testing.assert_close(conv.bias.grad, gradient.sum((0, 2, 3)), rtol=0, atol=1e-4)


@pytest.mark.parametrize("outputs", [1, 4])
def test_a_bfloat16_model_without_autocast(outputs):
    torch.manual_seed(0)
    conv, x = torch.nn.Conv2d(32, outputs, 1).bfloat16(), torch.randn(1, 32, 3, 4).bfloat16()
    found = float_logits(x, conv)
    assert found.dtype == torch.float32
    expected = F.conv2d(x.double(), conv.weight.double(), conv.bias.double())
    assert (found - expected).norm() < 4e-3 * expected.norm()


def test_no_output():
    with pytest.raises(UserError, match="num_outputs=0; set it to 1 or more"):
        dpt_head(PLAIN, num_outputs=0)


@pytest.mark.parametrize(
    "settings", [dict(in_channels=[12] * 3, in_strides=[14] * 3), dict(PLAIN, out_channels=(4, 6, 8))]
)
def test_other_than_four_maps(settings):
    with pytest.raises(UserError, match="DPTHead fuses 4 maps; the backbone gives"):
        HEADS.build(dict(type="DPTHead", **settings))


def test_units_with_batch_normalisation_equal_the_formula():
    head = dpt_head(PYRAMID, use_bn=True)
    unit, x = head.fusions[1].unit, torch.randn(2, 8, 5, 7, generator=torch.Generator().manual_seed(1))

    def normalized(values, bn):
        shape = (1, -1, 1, 1)
        scale = bn.weight / (bn.running_var + bn.eps).sqrt()
        return (values - bn.running_mean.view(shape)) * scale.view(shape) + bn.bias.view(shape)

    with torch.no_grad():
        for bn in (unit.bn1, unit.bn2):
            bn.running_mean.uniform_(-1, 1)
            bn.running_var.uniform_(0.5, 2)
        inner = normalized(F.conv2d(x.relu(), unit.conv1.weight, unit.conv1.bias, padding=1), unit.bn1).relu()
        expected = x + normalized(F.conv2d(inner, unit.conv2.weight, unit.conv2.bias, padding=1), unit.bn2)
        torch.testing.assert_close(unit(x), expected)
    assert not any("bn" in name for name in dpt_head(PYRAMID).state_dict())
