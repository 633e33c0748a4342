import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mdetools.contract import QUANTITIES, quantity_of
from mdetools.errors import UserError

VALUES = torch.rand(2, 1, 6, 8, generator=torch.Generator().manual_seed(0)) + 0.5


def test_the_own_quantity_of_a_prediction():
    assert quantity_of({"features": [], "inverse_depth": VALUES}).name == "inverse_depth"
    assert quantity_of({"depth": VALUES, "disparity": VALUES}).name == "disparity"
    for wrong in ({"features": []}, {"depth": VALUES, "inverse_depth": VALUES}, {"logits": 0, "scores": 0}):
        with pytest.raises(UserError, match="exactly one of depth, disparity, inverse_depth, logits, scores"):
            quantity_of(wrong)


@pytest.mark.parametrize(("name", "aligned"), [("depth", True), ("inverse_depth", True), ("logits", False)])
def test_maps_are_resized_bilinearly(name, aligned):
    expected = F.interpolate(VALUES.double(), (9, 5), mode="bilinear", align_corners=aligned)
    resized = QUANTITIES[name].resize(VALUES.half(), (9, 5))
    assert resized.dtype == torch.float32
    torch.testing.assert_close(resized.double(), expected, rtol=0, atol=2e-3)
    assert QUANTITIES[name].resize(VALUES, (6, 8)) is VALUES


def test_a_disparity_grows_with_its_width():
    constant = torch.full((1, 1, 4, 10), 3.0)
    torch.testing.assert_close(QUANTITIES["disparity"].resize(constant, (8, 25)), torch.full((1, 1, 8, 25), 7.5))


def test_scores_have_no_size_and_no_sides():
    scores = torch.randn(2, 5)
    assert QUANTITIES["scores"].resize(scores, (3, 4)) is scores and QUANTITIES["scores"].mirror(scores) is scores


@pytest.mark.parametrize("name", ["depth", "disparity", "inverse_depth", "logits"])
def test_mirroring_twice_is_nothing(name):
    mirrored = QUANTITIES[name].mirror(VALUES)
    np.testing.assert_array_equal(mirrored.numpy(), VALUES.numpy()[..., ::-1])
    assert torch.equal(QUANTITIES[name].mirror(mirrored), VALUES)


def test_only_a_disparity_becomes_metres_by_a_camera():
    assert [name for name, quantity in QUANTITIES.items() if quantity.to_depth] == ["disparity"]
    depth = QUANTITIES["disparity"].to_depth(VALUES, torch.tensor([300.0, 200.0]), torch.tensor([0.5, 0.1]))
    torch.testing.assert_close(depth, torch.tensor([150.0, 20.0]).view(2, 1, 1, 1) / VALUES)
