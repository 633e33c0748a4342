"""L1 and the reverse Huber loss."""

import numpy as np
import pytest
import torch
from support.losses import HALF_TYPES, assert_empty, assert_gradient, assert_half_precision, random_batch, tensors
from support.user_errors import user_error

from mdetools.models.losses import berhu_loss, l1_loss
from mdetools.registry import LOSSES
from mdetools.testing import check_loss, example_targets


def l1_formula(prediction, target, mask):
    return np.abs(prediction[mask].astype(np.float64) - target[mask]).mean()


def berhu_formula(prediction, target, mask, limit=None):
    """Laina et al., eq. 2; the limit c is that of the batch if none is given."""
    error = np.abs(prediction[mask].astype(np.float64) - target[mask])
    limit = error.max() / 5 if limit is None else limit
    return np.mean([e if e <= limit else (e**2 + limit**2) / (2 * limit) for e in error])


LOSS_AND_FORMULA = pytest.mark.parametrize(
    ("function", "formula"), [(l1_loss, l1_formula), (berhu_loss, berhu_formula)], ids=["l1", "berhu"]
)
BY_NAME = pytest.mark.parametrize("name", ["L1Loss", "BerHuLoss"])


@LOSS_AND_FORMULA
def test_value(function, formula):
    prediction, target, mask = random_batch(0)
    loss = function(*tensors(prediction, target, mask))
    assert loss.item() == pytest.approx(formula(prediction, target, mask), rel=1e-5)


@LOSS_AND_FORMULA
def test_gradient(function, formula):
    prediction, target, mask = random_batch(5, (2, 1, 5, 6))
    limit = np.abs(prediction - target)[mask].max() / 5  # of the batch as it is: no gradient flows through it
    formula = l1_formula if function is l1_loss else lambda *maps: berhu_formula(*maps, limit=limit)
    assert_gradient(
        lambda values: function(values, *tensors(target, mask)),
        lambda values: formula(values, target, mask),
        torch.from_numpy(prediction),
    )


@LOSS_AND_FORMULA
def test_empty(function, formula):
    prediction, target, mask = tensors(*random_batch(3))
    assert_empty(lambda values: function(values, target, torch.zeros_like(mask)), prediction)


@LOSS_AND_FORMULA
@pytest.mark.parametrize("dtype", HALF_TYPES)
def test_half_precision(function, formula, dtype):
    prediction, target, mask = random_batch(6)
    assert_half_precision(
        lambda values: function(values, *tensors(target, mask)),
        lambda values: formula(values, target, mask),
        torch.from_numpy(prediction).to(dtype),
        rel=1e-5,
    )


@BY_NAME
@pytest.mark.parametrize("quantity", ["depth", "inverse_depth"])
def test_battery(name, quantity):
    check_loss(LOSSES.build({"type": name}), quantity)
    check_loss(LOSSES.build({"type": name, "on": "labelled"}), quantity)


@BY_NAME
def test_what_is_missing_is_named(name):
    loss, values = LOSSES.build({"type": name}), torch.ones(1, 1, 2, 2)
    user_error(lambda: loss({"logits": values}, {}), "needs a prediction of `depth`; the head gives `logits`")
    user_error(lambda: loss({"depth": values}, {"image": values}), "needs targets with `depth`")
    user_error(lambda: loss({"inverse_depth": values}, {"depth": values}), "needs targets with `valid_mask`")
    user_error(lambda: LOSSES.build({"type": name, "on": "labeled"}), "on='labeled'; did you mean 'labelled'?")
    user_error(lambda: LOSSES.build({"type": "BerHuLoss", "threshold": 0}), "threshold=0; expected a share")


@LOSS_AND_FORMULA
def test_what_the_mask_excludes_may_be_anything(function, formula):
    prediction, target, mask = tensors(*random_batch(3))
    expected = function(prediction, target, mask)
    prediction[~mask], target[~mask] = torch.nan, torch.inf
    leaf = prediction.requires_grad_()
    loss = function(leaf, target, mask)
    loss.backward()
    assert loss.item() == expected.item()
    assert leaf.grad[~mask].abs().max() == 0 and leaf.grad.isfinite().all()


@LOSS_AND_FORMULA
def test_hostile_predictions(function, formula):
    """Numbers of 1e4 in float16, whose squares it cannot hold; and what a run leaves that blew up."""
    _, target, mask = tensors(*random_batch(3))
    leaf = torch.full_like(target, 1e4).half().requires_grad_()
    value = function(leaf, target, mask)
    value.backward()
    assert value.item() == pytest.approx(
        formula(leaf.detach().double().numpy(), target.numpy(), mask.numpy()), rel=1e-5
    )
    assert leaf.grad.isfinite().all()
    assert function(torch.full_like(target, torch.nan), target, mask).isnan()


def test_berhu_of_a_perfect_prediction():
    _, target, mask = tensors(*random_batch(2))
    assert_empty(lambda values: berhu_loss(values, target, mask), target)


@BY_NAME
def test_the_quantity_is_the_heads_own(name):
    """Metres for a disparity, by the camera; inverse depth for a relative head, from depth if there is no other."""
    loss, targets = LOSSES.build({"type": name, "weight": 3.0}), example_targets()
    function = l1_loss if name == "L1Loss" else berhu_loss
    depth, inverse, mask = (targets[key] for key in ("depth", "inverse_depth", "valid_mask"))
    values = torch.rand(depth.shape, generator=torch.Generator().manual_seed(3)) + 0.5
    focal, baseline = targets["intrinsics"][0, 0, 0], targets["baseline"][0]
    expected = {
        "depth": (values, depth),
        "inverse_depth": (values, inverse),
        "disparity": (focal * baseline / values, depth),
    }
    for quantity, maps in expected.items():
        torch.testing.assert_close(loss({quantity: values}, targets), 3 * function(*maps, mask))
    metric = {key: value for key, value in targets.items() if key != "inverse_depth"}
    torch.testing.assert_close(loss({"inverse_depth": values}, metric), 3 * function(values, 1 / depth, mask))
