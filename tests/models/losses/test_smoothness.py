import numpy as np
import pytest
import torch

from mdetools.errors import UserError
from mdetools.models.losses import EdgeAwareSmoothnessLoss, SmoothnessLoss, edge_aware_smoothness, squared_smoothness
from mdetools.registry import LOSSES
from mdetools.testing import check_loss


def random_map(size=(6, 9), seed=0):
    return torch.rand(2, 1, *size, generator=torch.Generator().manual_seed(seed)) * 5


def pyramid_of(*maps):
    return {"disparity": maps[0], "pyramid": list(maps)}


def test_squared_smoothness_equals_the_formula():
    disparity = random_map()
    values = disparity.double().numpy()
    expected = (np.diff(values, axis=3) ** 2).mean() + (np.diff(values, axis=2) ** 2).mean()
    assert squared_smoothness(disparity).item() == pytest.approx(expected, rel=1e-6)


def test_edge_aware_smoothness_equals_the_formula():
    disparity, image = random_map(), torch.rand(2, 3, 6, 9, generator=torch.Generator().manual_seed(1))
    values, pixels, expected = disparity.double().numpy(), image.double().numpy(), 0.0
    for axis in (2, 3):
        edges = abs(np.diff(pixels, axis=axis)).mean(1, keepdims=True)
        expected += (abs(np.diff(values, axis=axis)) * np.exp(-edges)).mean()
    assert edge_aware_smoothness(disparity, image).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("size", [(1, 9), (9, 1), (1, 1)])
def test_an_axis_of_one_pixel_is_smooth(size):
    disparity = random_map(size)
    values = disparity.double().numpy()
    expected = sum((np.diff(values, axis=a) ** 2).mean() for a in (2, 3) if values.shape[a] > 1)
    assert squared_smoothness(disparity).item() == pytest.approx(expected, rel=1e-6)
    flat = edge_aware_smoothness(disparity, torch.zeros(2, 3, *size)).item()
    assert flat == pytest.approx(sum(abs(np.diff(values, axis=a)).mean() for a in (2, 3) if values.shape[a] > 1))


def slope(size, per_pixel):
    return per_pixel * torch.arange(float(size[1])).expand(1, 1, *size)


def test_a_surface_costs_the_same_at_every_stage():
    coarse, fine = slope((4, 8), 0.3), slope((8, 16), 0.3)  # a disparity doubles where its map does
    loss = SmoothnessLoss(weight=0.5)
    for prediction in ({"disparity": coarse}, {"disparity": fine}, pyramid_of(fine, coarse)):
        assert loss(prediction, {}).item() == pytest.approx(0.5 * 0.3**2, rel=1e-5)


def test_edge_aware_scale_is_godards():
    # Fractions of each stage's width, stage s divided by 2^s, averaged.
    grey = {"image": torch.full((1, 3, 8, 16), 0.5)}
    coarse, fine = random_map((4, 8))[:1], random_map((8, 16))[:1]
    expected = 0.0
    for step, disparity in enumerate((fine, coarse)):
        fraction = disparity.double().numpy() / disparity.shape[-1]
        expected += sum(abs(np.diff(fraction, axis=a)).mean() for a in (2, 3)) / 2**step
    loss = EdgeAwareSmoothnessLoss(weight=0.1)
    assert loss(pyramid_of(fine, coarse), grey).item() == pytest.approx(0.1 * expected / 2, rel=1e-5)


def test_edges_of_the_image_make_room_for_edges_of_the_disparity():
    step = torch.zeros(1, 1, 4, 8)
    step[..., 4:] = 3
    image = (step > 0).expand(1, 3, 4, 8).float()
    loss = EdgeAwareSmoothnessLoss()
    here, elsewhere = (loss({"disparity": step}, {"image": i}).item() for i in (image, image.roll(2, 3)))
    assert here == pytest.approx(elsewhere * np.exp(-1), rel=1e-5)


def test_the_finest_stage_alone():
    coarse, fine = random_map((3, 5)), random_map()
    for kind, targets in ((SmoothnessLoss, {}), (EdgeAwareSmoothnessLoss, {"image": torch.rand(2, 3, 12, 18)})):
        loss = kind(stage_decay=0.0)
        torch.testing.assert_close(loss(pyramid_of(fine, coarse), targets), loss({"disparity": fine}, targets))


@pytest.mark.parametrize("kind", ["SmoothnessLoss", "EdgeAwareSmoothnessLoss"])
def test_battery(kind):
    loss = LOSSES.build({"type": kind})
    check_loss(loss, "disparity", supervised=False)
    check_loss(loss, "disparity", lambda d: pyramid_of(d, d[..., ::2, ::2] / 2, d[..., ::4, ::4] / 4), supervised=False)
    check_loss(loss, "depth", supervised=False)


def test_a_relative_head_is_refused():
    with pytest.raises(UserError, match="SmoothnessLoss needs a predicted `disparity`; the head gave inverse_depth"):
        SmoothnessLoss()({"inverse_depth": random_map()}, {})
