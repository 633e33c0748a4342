import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mdetools.geometry import depth_to_disparity, disparity_to_depth, resize_disparity

FOCAL, BASELINE = torch.tensor([721.5, 100.0]), torch.tensor([0.54, 0.1])


def random_map(low, high, dtype=torch.float32, seed=0):
    return torch.empty(2, 1, 5, 7, dtype=dtype).uniform_(low, high, generator=torch.Generator().manual_seed(seed))


def test_depth_is_focal_times_baseline_over_disparity():
    disparity = random_map(0.7, 90)
    expected = (FOCAL * BASELINE).double().numpy().reshape(2, 1, 1, 1) / disparity.double().numpy()
    np.testing.assert_allclose(disparity_to_depth(disparity, FOCAL, BASELINE).numpy(), expected, rtol=1e-6)
    np.testing.assert_allclose(depth_to_disparity(disparity, FOCAL, BASELINE).numpy(), expected, rtol=1e-6)


def test_there_and_back():
    depth = random_map(0.5, 120)
    back = disparity_to_depth(depth_to_disparity(depth, FOCAL, BASELINE), FOCAL, BASELINE)
    torch.testing.assert_close(back, depth)


def test_disparities_that_lie_too_far_get_the_greatest_depth_and_its_gradient():
    disparity = torch.tensor([4.0, 0.0, -3.0, -1e7, 0.1]).view(1, 1, 1, 5).requires_grad_()
    focal, baseline = torch.tensor([200.0]), torch.tensor([0.5])
    depth = disparity_to_depth(disparity, focal, baseline, max_depth=80.0)
    depth.sum().backward()
    assert depth.flatten().tolist() == pytest.approx([25.0, 80.0, 80.0, 80.0, 80.0])
    # d(fB / x) = -fB / x^2 = -depth^2 / fB
    assert disparity.grad.flatten().tolist() == pytest.approx([-6.25, -64.0, -64.0, -64.0, -64.0])


def test_unknown_depth_has_no_disparity():
    depth = torch.tensor([2.0, 0.0, -1.0, 1e-9]).view(1, 1, 1, 4).requires_grad_()
    disparity = depth_to_disparity(depth, torch.tensor([100.0]), torch.tensor([0.5]))
    disparity.sum().backward()
    assert disparity.flatten().tolist() == pytest.approx([25.0, 0.0, 0.0, 50000.0])
    assert depth.grad.flatten().tolist() == pytest.approx([-12.5, 0.0, 0.0, 0.0])


def test_gradients():
    def both(values):
        return disparity_to_depth(values, FOCAL.double(), BASELINE.double()), depth_to_disparity(
            values, FOCAL.double(), BASELINE.double()
        )

    assert torch.autograd.gradcheck(both, random_map(0.7, 9, torch.float64).requires_grad_())


def test_resizing_scales_the_values_by_the_width_alone():
    disparity = random_map(0, 9)
    resized = resize_disparity(disparity, (20, 21))
    expected = 3 * F.interpolate(disparity, (20, 21), mode="bilinear", align_corners=False)
    torch.testing.assert_close(resized, expected)


def test_a_plane_keeps_its_slope():
    # Disparity grows by a fifth of a pixel a column: at any width it does, where corners are not aligned.
    x = torch.arange(40.0)
    plane = (0.2 * (x + 0.5)).expand(1, 1, 10, 40)
    resized = resize_disparity(plane, (20, 80))
    expected = (0.2 * (torch.arange(80.0) + 0.5)).expand(1, 1, 20, 80)
    torch.testing.assert_close(resized[..., 1:-1], expected[..., 1:-1])


def test_resizing_keeps_depth():
    depth, focal, baseline = torch.full((1, 1, 4, 6), 7.0), torch.tensor([300.0]), torch.tensor([0.5])
    wide = resize_disparity(depth_to_disparity(depth, focal, baseline), (8, 15))
    torch.testing.assert_close(disparity_to_depth(wide, focal * 15 / 6, baseline), torch.full((1, 1, 8, 15), 7.0))


def test_gradient_flows_through_the_resize():
    assert torch.autograd.gradcheck(
        lambda d: resize_disparity(d, (3, 10)), random_map(0, 9, torch.float64).requires_grad_()
    )
