"""What a prediction of any kind of depth means as inverse depth."""

import pytest
import torch
from support.user_errors import user_error

from mdetools.contract import inverse_depth_of


def test_metres_become_their_inverse_and_disparity_stays():
    depth = torch.tensor([[[0.5, 4.0, 80.0]]])
    assert inverse_depth_of({"depth": depth}).flatten().tolist() == pytest.approx([2.0, 0.25, 0.0125])
    disparity = torch.tensor([[[3.0, 0.0]]])
    assert inverse_depth_of({"disparity": disparity, "depth": 100 / disparity}).equal(disparity)
    assert inverse_depth_of({"inverse_depth": disparity}).equal(disparity)


def test_a_depth_of_zero_is_a_micrometre():
    assert inverse_depth_of({"depth": torch.zeros(1, 1, 2)}).flatten().tolist() == pytest.approx([1e6, 1e6])


@pytest.mark.parametrize("name", ["logits", "scores"])
def test_what_is_no_depth_is_refused(name):
    user_error(lambda: inverse_depth_of({name: torch.zeros(1, 2)}), f"'{name}'", "depth, disparity, inverse_depth")
