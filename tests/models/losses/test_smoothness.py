import numpy as np
import pytest
import torch
from support.losses import HALF_TYPES, assert_empty, assert_gradient, assert_half_precision
from support.predictions import halvings_of, pyramid_of
from support.user_errors import user_error

from mdetools.models.losses import EdgeAwareSmoothnessLoss, SmoothnessLoss, edge_aware_smoothness, squared_smoothness
from mdetools.registry import LOSSES
from mdetools.testing import check_loss


def random_map(size=(6, 9), seed=0):
    return torch.rand(2, 1, *size, generator=torch.Generator().manual_seed(seed)) * 5


def random_image(size=(6, 9)):
    return torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(1))


def squared(values):
    """The mean square of the differences along each axis that has any, in float64."""
    return sum((np.diff(values, axis=axis) ** 2).mean() for axis in (2, 3) if values.shape[axis] > 1)


def edge_aware(values, image):
    """The mean absolute differences, each by how little the image changes there, in float64."""
    pixels, total = image.double().numpy(), 0.0
    for axis in (2, 3):
        edges = abs(np.diff(pixels, axis=axis)).mean(1, keepdims=True)
        total += (abs(np.diff(values, axis=axis)) * np.exp(-edges)).mean()
    return total


def cases():
    """Each function of a disparity with its formula."""
    image = random_image()
    return {
        "squared": (squared_smoothness, squared),
        "edge-aware": (lambda d: edge_aware_smoothness(d, image), lambda values: edge_aware(values, image)),
    }


KINDS = ["squared", "edge-aware"]


@pytest.mark.parametrize("kind", KINDS)
def test_value(kind):
    function, formula = cases()[kind]
    disparity = random_map()
    assert function(disparity).item() == pytest.approx(formula(disparity.double().numpy()), rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_gradient(kind):
    assert_gradient(*cases()[kind], random_map())


@pytest.mark.parametrize("loss", [SmoothnessLoss(), EdgeAwareSmoothnessLoss()])
def test_empty(loss):
    """A map of one pixel."""
    assert_empty(lambda values: loss({"disparity": values}, {"image": random_image((1, 1))}), random_map((1, 1)))


@pytest.mark.parametrize("dtype", HALF_TYPES)
def test_half_precision(dtype):
    disparity, image = random_map().to(dtype), random_image()
    squared_loss, edge_aware_loss = SmoothnessLoss(weight=1.0), EdgeAwareSmoothnessLoss(weight=1.0)
    assert_half_precision(lambda values: squared_loss({"disparity": values}, {}), squared, disparity, rel=1e-6)
    assert_half_precision(
        lambda values: edge_aware_loss({"disparity": values}, {"image": image}),
        lambda values: edge_aware(values, image) / image.shape[-1],
        disparity,
        rel=1e-6,
    )


@pytest.mark.parametrize("kind", ["SmoothnessLoss", "EdgeAwareSmoothnessLoss"])
def test_battery(kind):
    loss = LOSSES.build({"type": kind})
    check_loss(loss, "disparity", supervised=False)
    check_loss(loss, "disparity", halvings_of, supervised=False)
    check_loss(loss, "depth", supervised=False)


def test_what_is_missing_is_named():
    values = random_map()
    for loss in (SmoothnessLoss(), EdgeAwareSmoothnessLoss()):
        user_error(
            lambda loss=loss: loss({"inverse_depth": values}, {"image": random_image()}),
            "needs a prediction of `disparity`; the head gives `inverse_depth`",
        )
    user_error(lambda: EdgeAwareSmoothnessLoss()({"disparity": values}, {}), "needs targets with `image`")


@pytest.mark.parametrize("size", [(1, 9), (9, 1), (1, 1)])
def test_an_axis_of_one_pixel_is_smooth(size):
    disparity = random_map(size)
    values = disparity.double().numpy()
    assert squared_smoothness(disparity).item() == pytest.approx(squared(values), rel=1e-6)
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
