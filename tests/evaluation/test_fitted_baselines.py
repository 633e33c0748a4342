"""The baselines that are fitted to the truth, against numpy's least squares in float64."""

import numpy as np
import pytest
import torch

from mdetools.errors import UserError
from mdetools.evaluation import FITTED_BASELINES, fitted_rows, get_protocol
from mdetools.evaluation.fitted_baselines import best_plane, best_row

DEGREES = {"constant": 0, "row": 1, "plane": 2}


def samples(count=3, height=30, width=40):
    generator = np.random.default_rng(5)
    for index in range(count):
        depth = torch.tensor(generator.gamma(3.0, 1.5, (1, height, width)), dtype=torch.float32)
        depth[:, height // 2 :] *= 0.4  # the floor is nearer
        valid = torch.tensor(generator.random((1, height, width)) > 0.3)
        yield {"depth": depth, "valid_mask": valid, "meta": {"id": f"frame{index}"}}


def numpys_fit(inverse, counted, degree):
    """The fitted map, of the whole image, by `numpy.linalg.lstsq`."""
    rows, columns = np.indices(inverse.shape)
    basis = np.stack([np.ones(inverse.shape), rows, columns][: degree + 1], -1).reshape(-1, degree + 1)
    factors = np.linalg.lstsq(basis[counted.ravel()], inverse[counted], rcond=None)[0]
    return (basis @ factors).reshape(inverse.shape)


@pytest.mark.parametrize("name", FITTED_BASELINES)
@pytest.mark.parametrize("protocol", ["nyu_lstsq_disparity", "nyu", "kitti_garg_80_lstsq_disparity"])
def test_scores_are_those_of_numpys_least_squares(name, protocol):
    rules, expected = get_protocol(protocol), []
    for sample in samples():
        depth = sample["depth"][0].double().numpy()
        counted = np.zeros(depth.shape, bool)
        window = rules.window(*depth.shape)
        counted[window] = sample["valid_mask"][0].numpy()[window]
        counted &= (depth > rules.min_depth) & (depth < rules.max_depth)
        fitted = numpys_fit(1 / np.maximum(depth, rules.min_depth), counted, DEGREES[name])
        predicted = np.clip(1 / np.maximum(fitted, 1 / rules.max_depth), rules.min_depth, rules.max_depth)
        expected.append((np.abs(predicted - depth) / depth)[counted].mean())
    rows = fitted_rows(samples(), rules, [name])[name]
    assert rows.ids == ["frame0", "frame1", "frame2"]
    np.testing.assert_allclose(rows.values[:, list(rows.columns).index("abs_rel")], expected, rtol=2e-5)


def test_each_is_at_least_as_near_as_the_one_before_in_squared_inverse_depth():
    for sample in samples():
        inverse, mask = 1 / sample["depth"].clamp_min(1e-3), sample["valid_mask"]
        errors = [(fit(inverse, mask) - inverse)[mask].square().mean().item() for fit in FITTED_BASELINES.values()]
        assert errors[0] > errors[1] > errors[2] - 1e-9


def test_a_plane_in_space_is_fitted_exactly():
    """Z = d / (n . K^-1 (u, v, 1)), so 1 / Z is linear in the pixel."""
    v, u = np.indices((24, 32)).astype(np.float64)
    inverse = torch.tensor((0.1 * (u - 16) / 30 + 0.7 * (v - 9) / 30 + 0.3) / 1.4)[None]
    mask = torch.rand(1, 24, 32, generator=torch.Generator().manual_seed(0)) > 0.5
    torch.testing.assert_close(best_plane(inverse, mask), inverse, rtol=0, atol=1e-12)


def test_pixels_in_one_row_or_none_give_finite_maps():
    inverse = torch.rand(1, 6, 8, generator=torch.Generator().manual_seed(0))
    mask = torch.zeros(1, 6, 8, dtype=torch.bool)
    assert best_plane(inverse, mask).abs().max() == 0
    mask[0, 2] = True
    fitted = best_row(inverse, mask)
    torch.testing.assert_close(fitted[0, 2], inverse[0, 2].mean().expand(8))
    assert fitted.isfinite().all() and fitted.abs().max() <= 2 * inverse[0, 2].mean()


def test_mistakes_are_told():
    protocol = get_protocol("nyu_lstsq_disparity")
    with pytest.raises(UserError, match="no baseline 'plain'; did you mean 'plane'"):
        fitted_rows(samples(), protocol, ["plain"])
    with pytest.raises(UserError, match="gives no depth to fit a baseline to"):
        fitted_rows([{"image": 0, "meta": {"id": "x"}}], protocol)
