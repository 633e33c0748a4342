"""Each space gives back the numbers that made its map, and applies them by its formula."""

import numpy as np
import pytest
import torch

from mdetools.geometry import SPACES

DEPTH = np.random.default_rng(0).uniform(0.4, 9, 500)
SCALE, SHIFT = 0.8, 0.15
MAPS = {  # whose scale and shift are those above
    "log_depth": np.exp((np.log(DEPTH) - SHIFT) / SCALE),
    "depth": (DEPTH - SHIFT) / SCALE,
    "inverse_depth": (1 / DEPTH - SHIFT) / SCALE,
}


@pytest.mark.parametrize("space", SPACES)
def test_a_space_is_fitted_and_applied(space):
    rng = np.random.default_rng(1)
    truth = np.where(rng.random(len(DEPTH)) < 0.1, 0.5 * DEPTH, DEPTH)  # a tenth is another surface
    found = SPACES[space].fit(MAPS[space], truth, rng.uniform(0.5, 1, len(DEPTH)))
    np.testing.assert_allclose(found, (SCALE, SHIFT), rtol=1e-5)
    map_ = torch.from_numpy(MAPS[space])
    depth = SPACES[space].to_depth(map_, *torch.tensor([SCALE, SHIFT], dtype=torch.float64), 10.0)
    np.testing.assert_allclose(depth.numpy(), DEPTH, rtol=1e-9)


@pytest.mark.parametrize("space", SPACES)
def test_a_map_of_zeros_is_finite_and_so_is_its_gradient(space):
    map_ = torch.zeros(3, requires_grad=True)
    depth = SPACES[space].to_depth(map_, torch.tensor(0.5), torch.tensor(-0.1), 10.0)
    depth.sum().backward()
    assert depth.isfinite().all() and map_.grad.isfinite().all()


def test_what_lies_behind_infinity_is_as_far_as_can_be():
    found = SPACES["inverse_depth"].to_depth(torch.tensor([0.5, 0.1, 0.0]), torch.tensor(1.0), torch.tensor(-0.1), 20.0)
    torch.testing.assert_close(found, torch.tensor([2.5, 20.0, 20.0]))
