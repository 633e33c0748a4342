"""Losses of the labelled, or of the unlabelled samples of a batch, as if these were the batch."""

import pytest
import torch
from support.predictions import features_of
from support.user_errors import user_error

from mdetools.models.losses.parts import among
from mdetools.registry import LOSSES
from mdetools.testing import example_prediction, example_targets

CASES = [
    (dict(type="SiLogLoss"), "depth"),
    (dict(type="SiLogLoss"), "disparity"),
    (dict(type="L1Loss"), "inverse_depth"),
    (dict(type="BerHuLoss"), "depth"),
    (dict(type="AffineInvariantLoss", trim=0.1), "inverse_depth"),
    (dict(type="ScaleShiftInvariantLoss"), "disparity"),
    (dict(type="AlignedAbsRelLoss"), "inverse_depth"),
    (dict(type="GradientMatchingLoss"), "inverse_depth"),
    (dict(type="OrdinalLoss"), "depth"),
    (dict(type="FeatureAlignmentLoss"), "inverse_depth"),
    (dict(type="CrossEntropyLoss"), "logits"),
    (dict(type="CrossEntropyLoss"), "scores"),
]


def only(values, index):
    """The batch of one sample."""
    return {key: value[index : index + 1] for key, value in values.items() if torch.is_tensor(value)}


@pytest.mark.parametrize(("config", "quantity"), CASES, ids=lambda one: one if isinstance(one, str) else one["type"])
def test_a_part_is_as_a_batch_of_its_own(config, quantity):
    targets = example_targets() | {"unlabelled": torch.tensor([True, False])}
    values = example_prediction(quantity, targets)
    for index, on in enumerate(("unlabelled", "labelled")):
        one = values[index : index + 1]
        expected = LOSSES.build(config)({quantity: one, "features": features_of(one)}, only(targets, index))
        leaf = values.clone().requires_grad_()
        found = LOSSES.build({**config, "on": on})({quantity: leaf, "features": features_of(leaf)}, targets)
        torch.testing.assert_close(found, expected)
        found.backward()
        assert leaf.grad[index].any() and not leaf.grad[1 - index].any()


@pytest.mark.parametrize(("config", "quantity"), CASES, ids=lambda one: one if isinstance(one, str) else one["type"])
def test_a_batch_that_does_not_say_is_labelled(config, quantity):
    targets = {key: value for key, value in example_targets().items() if key != "unlabelled"}
    leaf = example_prediction(quantity, targets).requires_grad_()
    prediction = {quantity: leaf, "features": features_of(leaf)}
    whole, labelled, unlabelled = (
        LOSSES.build({**config, "on": on})(prediction, targets) for on in (None, "labelled", "unlabelled")
    )
    assert whole == labelled and whole > 0
    unlabelled.backward()
    assert unlabelled == 0 and not leaf.grad.any()


@pytest.mark.parametrize("config", [config for config, _ in CASES], ids=lambda one: one["type"])
def test_another_part_is_named(config):
    user_error(lambda: LOSSES.build({**config, "on": "labeled"}), "on='labeled'; did you mean 'labelled'?")


def test_masks_of_any_shape():
    targets = {"unlabelled": torch.tensor([False, True, False])}
    for shape in ((3,), (3, 5), (3, 1, 2, 4)):
        mask = torch.ones(shape, dtype=torch.bool)
        assert among(mask, targets, None) is mask
        narrowed = among(mask, targets, "unlabelled").view(3, -1)
        assert narrowed.all(1).tolist() == narrowed.any(1).tolist() == [False, True, False]
