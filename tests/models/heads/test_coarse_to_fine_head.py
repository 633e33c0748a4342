import numpy as np
import pytest
import torch
import torch.nn.functional as F
from support.models import features

from mdetools.errors import UserError
from mdetools.models.heads.coarse_to_fine_head import double, doubling_conv
from mdetools.registry import HEADS
from mdetools.testing import check_head

ALEXNET = dict(in_channels=[96, 256, 256, 2048], in_strides=[4, 8, 16, 32])
AT_188X620 = [(45, 153), (22, 76), (11, 38), (5, 19)]
SMALL = dict(in_channels=[3, 4, 6, 10], in_strides=[4, 8, 16, 32])
ODD = [(17, 25), (9, 13), (5, 6), (3, 3)]
PLAIN = dict(in_channels=[12] * 3, in_strides=[14] * 3)


def coarse_to_fine_head(source, **kwargs):
    return HEADS.build(dict(type="CoarseToFineHead", **source, **kwargs))


def randomized(source, **kwargs):
    """A head as after some training: no weight is zero, no filter bilinear, disparities of some pixels."""
    head = coarse_to_fine_head(source, **kwargs)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, parameter in head.named_parameters():
            if "doublings" in name:
                parameter.add_(0.2 * torch.randn(parameter.shape, generator=generator))
            else:
                parameter.normal_(generator=generator)
    return head


def lerp_matrix(count, side):
    """(count, side): linear interpolation, cell i centred at i + 1/2 of its own unit; beyond the border, the border."""
    at = ((np.arange(count) + 0.5) * side / count - 0.5).clip(0, side - 1)
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(side)))


def project(x, conv):
    return np.einsum("oc,bchw->bohw", conv.weight.detach().double().numpy()[:, :, 0, 0], x) + conv.bias.item()


def doubled(x, kernel):
    """Each cell, the border's repeated beyond it, lays its 4x4 stamp around its own 2x2 cells; stamps add up."""
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
    height, width = x.shape[2:]
    out = np.zeros((*x.shape[:2], 2 * height + 2, 2 * width + 2))
    for i in range(height):
        for j in range(width):
            out[:, :, 2 * i : 2 * i + 4, 2 * j : 2 * j + 4] += x[:, :, i, j, None, None] * kernel
    return out[:, :, 3:-3, 3:-3]


def reference(head, maps):
    """The five predictions in float64, fine to coarse."""
    fine, middle, coarse = (map_.double().numpy() for map_ in maps[-3:])
    disparity, pyramid = project(coarse, head.conv7), []
    for skip, conv in zip((middle, fine), head.skips, strict=True):
        rows, columns = (lerp_matrix(*pair) for pair in zip(skip.shape[2:], disparity.shape[2:], strict=True))
        ratio = skip.shape[3] / disparity.shape[3]
        disparity = ratio * (rows @ disparity @ columns.T) + project(skip, conv)
        pyramid.append(disparity)
    for conv in head.doublings:
        disparity = doubled(disparity, conv.weight.detach().double().numpy()[0, 0])
        pyramid.append(disparity)
    return pyramid[::-1]


CASES = [
    pytest.param(SMALL, ODD, id="odd sizes"),
    pytest.param(PLAIN, [(3, 4)] * 3, id="one stride"),
]


@pytest.mark.parametrize(("source", "sizes"), CASES)
def test_equals_the_formula(source, sizes):
    head, maps = randomized(source), features(source, sizes)
    with torch.no_grad():
        prediction = head(maps, (1, 1))
    assert prediction["disparity"] is prediction["pyramid"][0]
    for found, expected in zip(prediction["pyramid"], reference(head, maps), strict=True):
        assert expected.std() > 1  # pixels
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4, atol=1e-4)


def test_sizes_of_the_paper():
    with torch.no_grad():
        pyramid = coarse_to_fine_head(ALEXNET)(features(ALEXNET, AT_188X620), (188, 620))["pyramid"]
    assert [tuple(map_.shape[1:]) for map_ in pyramid] == [
        (1, 176, 608),
        (1, 88, 304),
        (1, 44, 152),
        (1, 22, 76),
        (1, 11, 38),
    ]


def test_doubling_starts_bilinear():
    """At the border too; and a constant disparity of 3 pixels is one of 6 at twice the width."""
    x = torch.randn(2, 1, 5, 7, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found, constant = double(x, doubling_conv()), double(torch.full((1, 1, 3, 4), 3.0), doubling_conv())
    expected = 2 * F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(constant, torch.full((1, 1, 6, 8), 6.0))


def test_a_constant_disparity_is_one_at_every_stage():
    """What C7 says of the coarsest width holds for all, in proportion to their widths."""
    head = coarse_to_fine_head(ALEXNET)
    with torch.no_grad():
        head.conv7.bias.fill_(19 * 0.05)
        for map_ in head(features(ALEXNET, AT_188X620), (188, 620))["pyramid"]:
            torch.testing.assert_close(map_, torch.full_like(map_, map_.shape[-1] * 0.05))


def test_starts_at_zero_and_learns_from_there():
    """The first step reaches C7 and the skips, the second the backbone and the filters too."""
    head = coarse_to_fine_head(SMALL)
    maps = [map_.requires_grad_() for map_ in features(SMALL, ODD)]
    optimizer = torch.optim.SGD(head.parameters(), lr=0.01)
    reached = []
    for step in range(2):
        pyramid = head(maps, (68, 100))["pyramid"]
        assert step or not any(map_.any() for map_ in pyramid)
        optimizer.zero_grad()
        sum((map_ - map_.shape[-1] * 0.1).square().mean() for map_ in pyramid).backward()
        optimizer.step()
        reached.append({name for name, parameter in head.named_parameters() if parameter.grad.abs().max() > 1e-3})
        reached[-1].update(f"map {i}" for i, map_ in enumerate(maps) if map_.grad is not None and map_.grad.any())
    ones = {f"{conv}.{part}" for conv in ("conv7", "skips.0", "skips.1") for part in ("weight", "bias")}
    filters = {f"doublings.{i}.weight" for i in range(3)}
    assert reached == [ones, ones | filters | {"map 1", "map 2", "map 3"}]


@pytest.mark.parametrize("stage", [1, 2, 3, 4])
def test_earlier_stages_are_the_first_of_all(stage):
    head, maps = randomized(SMALL), features(SMALL, ODD)
    with torch.no_grad():
        every = head(maps, (1, 1))["pyramid"]
    head.stage = stage
    prediction = head(maps, (1, 1))
    assert len(prediction["pyramid"]) == stage and prediction["disparity"] is prediction["pyramid"][0]
    assert all(map(torch.equal, prediction["pyramid"], every[-stage:]))


def test_stages_share_out_the_layers():
    head, maps = randomized(SMALL), features(SMALL, ODD)
    shares = [{id(p) for module in head.stage_modules(i) for p in module.parameters()} for i in range(1, 6)]
    assert [len(share) for share in shares] == [4, 2, 1, 1, 1]
    assert set.union(*shares) == {id(parameter) for parameter in head.parameters()}
    for stage in range(1, 6):
        head.enter_stage(stage)
        head.zero_grad()
        head(maps, (1, 1))["disparity"].sum().backward()
        used = {id(parameter) for parameter in head.parameters() if parameter.grad is not None}
        assert used == set.union(*shares[:stage])
        assert used == {id(parameter) for parameter in head.parameters() if parameter.requires_grad}


@pytest.mark.parametrize(("source", "sizes"), CASES)
@pytest.mark.parametrize("stage", [1, 3, 5])
def test_battery(source, sizes, stage):
    check_head(randomized(source, stage=stage), features(source, sizes), (68, 100))


def test_disparity_is_float32_under_autocast():
    head, maps = randomized(SMALL), features(SMALL, ODD)
    with torch.no_grad():
        rounded = [map_.bfloat16() for map_ in maps]
        exact = head([map_.float() for map_ in rounded], (1, 1))["pyramid"]
        with torch.autocast("cpu", torch.bfloat16):
            found = head(rounded, (1, 1))["pyramid"]
    assert all(map(torch.equal, found, exact))


def test_too_few_maps():
    with pytest.raises(UserError, match="needs a backbone with 3 maps or more; this one gives 2"):
        coarse_to_fine_head(dict(in_channels=[4, 6], in_strides=[8, 16]))


@pytest.mark.parametrize("stage", [0, 6, 2.5])
def test_no_such_stage(stage):
    with pytest.raises(UserError, match=f"got stage={stage}; set it to 1, 2, 3, 4 or 5"):
        coarse_to_fine_head(SMALL, stage=stage)
