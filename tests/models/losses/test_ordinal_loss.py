import numpy as np
import pytest
import torch
from support.losses import HALF_TYPES, assert_empty, assert_gradient, assert_half_precision
from support.user_errors import user_error

from mdetools.models.losses import ordinal_loss
from mdetools.registry import LOSSES
from mdetools.testing import check_loss

IMAGE_SIZE = (6, 8)


def random_pairs(seed, images=3, pairs=5):
    """z of pairs (B, N, 2), and which there are; the last image has none."""
    rng = np.random.default_rng(seed)
    known = rng.random((images, pairs)) < 0.7
    known[-1] = False
    return rng.normal(0, 2, (images, pairs, 2)).astype(np.float32), known


def written_out(closeness, known):
    """Mean over the images that have pairs of the mean over their pairs, in float64."""
    images = [
        np.mean([np.log(1 + np.exp(-(a - b))) for (a, b), there in zip(z, k, strict=True) if there])
        for z, k in zip(closeness.astype(np.float64), known, strict=True)
        if k.any()
    ]
    return np.mean(images)


def test_value():
    closeness, known = random_pairs(0)
    loss = ordinal_loss(torch.from_numpy(closeness), torch.from_numpy(known))
    assert loss.item() == pytest.approx(written_out(closeness, known), rel=1e-5)


def test_gradient():
    closeness, known = random_pairs(1)
    assert_gradient(
        lambda values: ordinal_loss(values, torch.from_numpy(known)),
        lambda values: written_out(values, known),
        torch.from_numpy(closeness),
    )


def test_empty():
    closeness, known = random_pairs(2)
    assert_empty(
        lambda values: ordinal_loss(values, torch.zeros_like(torch.from_numpy(known))), torch.tensor(closeness)
    )


@pytest.mark.parametrize("dtype", HALF_TYPES)
def test_half_precision(dtype):
    closeness, known = random_pairs(3)
    assert_half_precision(
        lambda values: ordinal_loss(values, torch.from_numpy(known)),
        lambda values: written_out(values, known),
        torch.from_numpy(closeness).to(dtype),
        rel=1e-5,
    )


@pytest.mark.parametrize("quantity", ["depth", "inverse_depth", "disparity"])
def test_battery(quantity):
    check_loss(LOSSES.build({"type": "OrdinalLoss"}), quantity, supervised=False)


def test_what_is_missing_is_named():
    loss, values = LOSSES.build({"type": "OrdinalLoss"}), torch.ones(1, 1, 2, 2)
    user_error(lambda: loss({"logits": values}, {}), "needs a prediction of `depth`; the head gives `logits`")
    user_error(lambda: loss({"depth": values}, {"image": values}), "needs targets with `point_pairs`")
    user_error(
        lambda: LOSSES.build({"type": "OrdinalLoss", "on": "x"}), "on='x'; expected one of: labelled, unlabelled, None"
    )


def batch(pairs):
    values = torch.rand(2, 1, *IMAGE_SIZE, generator=torch.Generator().manual_seed(0))
    return values, {"image": torch.zeros(2, 3, *IMAGE_SIZE), "point_pairs": torch.tensor(pairs)}


PAIRS = [[[[0.0, 0.0], [7.0, 5.0]], [[2.4, 3.6], [6.5, 1.0]]], [[[1.0, 2.0], [3.0, 4.0]], [[torch.nan] * 2] * 2]]
PIXELS = [[((0, 0), (5, 7)), ((4, 2), (1, 6))], [((2, 1), (4, 3))]]  # (row, column), halves to the even one


@pytest.mark.parametrize(("quantity", "sign"), [("inverse_depth", 1), ("disparity", 1), ("depth", -1)])
def test_which_pixel_and_which_sign(quantity, sign):
    """Points are (x, y), the closer one first; closer is more inverse depth, and less depth."""
    values, targets = batch(PAIRS)
    loss = LOSSES.build({"type": "OrdinalLoss", "weight": 2.0})({quantity: values}, targets)
    maps = values[:, 0].double().numpy()
    images = [
        np.mean([np.log1p(np.exp(-sign * (z[closer] - z[farther]))) for closer, farther in pixels])
        for z, pixels in zip(maps, PIXELS, strict=True)
    ]
    assert loss.item() == pytest.approx(2 * np.mean(images), rel=1e-5)
    right = torch.arange(8.0).expand(1, 1, *IMAGE_SIZE)  # grows to the right, and so does the second point's x
    one = {key: value[:1] for key, value in targets.items()}
    upright, inverted = (LOSSES.build({"type": "OrdinalLoss"})({quantity: z}, one) for z in (right, -right))
    assert (upright > inverted) == (sign > 0)


def test_a_map_of_another_size_and_points_at_the_edge():
    values, targets = batch(PAIRS)
    loss = LOSSES.build({"type": "OrdinalLoss"})
    double = values.repeat_interleave(2, 2).repeat_interleave(2, 3)
    whole = {**targets, "point_pairs": targets["point_pairs"].round()}
    torch.testing.assert_close(loss({"depth": double}, whole), loss({"depth": values}, whole))
    _, targets = batch([[[[-0.5, 5.5], [7.5, -0.5]]]] * 2)
    z = values[:, 0].double().numpy()
    expected = np.mean([np.log1p(np.exp(z[i, 5, 0] - z[i, 0, 7])) for i in range(2)])
    assert loss({"depth": values}, targets).item() == pytest.approx(expected, rel=1e-5)


def test_pairs_of_a_part_of_the_batch():
    values, targets = batch(PAIRS)
    targets["unlabelled"] = torch.tensor([True, False])
    for on, index in (("unlabelled", 0), ("labelled", 1)):
        alone = {key: value[index : index + 1] for key, value in targets.items()}
        part = LOSSES.build({"type": "OrdinalLoss", "on": on})({"depth": values}, targets)
        torch.testing.assert_close(
            part, LOSSES.build({"type": "OrdinalLoss"})({"depth": values[index : index + 1]}, alone)
        )


def test_large_numbers_do_not_overflow():
    closeness = torch.tensor([[[-1e4, 1e4], [1e4, -1e4]]], dtype=torch.float16).requires_grad_()
    value = ordinal_loss(closeness, torch.tensor([[True, True]]))
    value.backward()
    assert value.item() == pytest.approx(1e4, rel=1e-3)
    np.testing.assert_allclose(closeness.grad.float().numpy(), [[[-0.5, 0.5], [0, 0]]])
