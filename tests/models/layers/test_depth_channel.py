"""Depth as a channel: its normalisation, and convolutions that take it."""

import numpy as np
import pytest
import torch
from support.user_errors import user_error
from torch import nn

from mdetools.models.layers.depth_channel import depth_channel, first_convolution, take_channels


def maps(seed=0, count=2):
    return torch.rand(count, 1, 6, 8, generator=torch.Generator().manual_seed(seed)) * 3 + 0.2


def test_mean_0_and_deviation_1_over_the_known_pixels():
    values, known = maps(), torch.rand(2, 1, 6, 8, generator=torch.Generator().manual_seed(1)) < 0.7
    channel = depth_channel(values, known).double().numpy()
    for image, own, mask in zip(channel, values.double().numpy(), known.numpy(), strict=True):
        expected = (own[mask] - own[mask].mean()) / (own[mask].std() + 1e-3 * np.abs(own[mask]).mean())
        np.testing.assert_allclose(image[mask], expected, rtol=1e-5, atol=1e-6)
        assert not image[~mask].any()


def test_scale_and_shift_leave_nothing():
    values = maps()
    flatness = 3e-3  # the part of a deviation that a thousandth of the mean can be, at a shift of that size
    torch.testing.assert_close(depth_channel(7 * values + 2), depth_channel(values), rtol=flatness, atol=flatness)


@pytest.mark.parametrize("value", [0.0, 1e-4, 0.3, 5e3])
def test_a_constant_map_is_0(value):
    noise = 1 + 1e-7 * torch.randn(1, 1, 6, 8, generator=torch.Generator().manual_seed(0))
    assert depth_channel(value * noise).abs().max() < 1e-2
    gradient = torch.autograd.functional.jacobian(depth_channel, torch.full((1, 1, 2, 2), value))
    assert gradient.isfinite().all()


def test_what_is_not_finite_is_unknown():
    values = maps(count=1)
    holes = values.clone()
    holes[..., 0, :3] = torch.tensor([torch.nan, torch.inf, -torch.inf])
    assert torch.equal(depth_channel(holes), depth_channel(values, holes.isfinite()))
    assert not depth_channel(torch.full((1, 1, 2, 2), torch.nan)).any()


def convolutional(channels):
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(channels, 5, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(5, 4, 1)).eval()


@pytest.mark.parametrize("channels", [3, 4])
def test_a_further_channel_starts_at_nothing_and_learns(channels):
    plain, changed = convolutional(channels), convolutional(channels)
    take_channels(changed, image=True, further=1)
    x = torch.randn(2, 4, 9, 11, generator=torch.Generator().manual_seed(0))
    alone = plain(x[:, :3]) if channels == 3 else plain(torch.cat([x[:, :3], torch.zeros(2, 1, 9, 11)], 1))
    torch.testing.assert_close(changed(x), alone, rtol=1e-6, atol=1e-7)
    assert channels == 4 or torch.equal(changed(x), alone)  # 3 channels, and no other order of summation
    changed(x).square().sum().backward()
    assert changed[0].further.weight.grad.any()


def test_a_channel_in_place_of_the_image_is_seen_as_a_grey_one():
    plain, changed = convolutional(3), convolutional(3)
    take_channels(changed, image=False, further=1)
    depth = torch.randn(2, 1, 9, 11, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(changed(depth), plain(depth.expand(-1, 3, -1, -1)), rtol=1e-5, atol=1e-6)


def test_a_backbone_without_a_place_for_it_is_told():
    assert first_convolution(nn.Sequential(nn.ReLU(), nn.Conv2d(3, 2, 1)))[0] == "1"
    user_error(lambda: first_convolution(nn.Sequential(nn.Linear(3, 3))), "no convolution")
    user_error(lambda: take_channels(convolutional(6), image=True, further=1), "6 channels", "expected 3")
