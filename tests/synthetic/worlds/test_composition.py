import numpy as np
import pytest

from mdetools.synthetic.raycast.camera import pixel_grid
from mdetools.synthetic.worlds import KINDS, sample_view
from mdetools.synthetic.worlds.composition import chance_to_be_taken, explained_by
from mdetools.synthetic.worlds.view import Probe, probe

PIXELS = pixel_grid(24, 32, 1)


def chance(inverse_depth):
    return chance_to_be_taken(Probe(PIXELS, 1 / inverse_depth, np.zeros(PIXELS.shape[1], int)))


def test_explained_by_is_the_coefficient_of_determination_with_the_sign_of_the_slope():
    rng = np.random.default_rng(0)
    along = rng.normal(size=500)
    for slope in (2.0, -0.4, 0.05):
        values = slope * along + rng.normal(size=500) + 3
        line = np.polynomial.Polynomial.fit(along, values, 1)(along)
        expected = 1 - np.var(values - line) / np.var(values)
        assert explained_by(along, values) == pytest.approx(np.sign(slope) * expected, rel=1e-9)
    assert explained_by(along, np.ones(500)) == 0
    assert explained_by(np.ones(500), along) == 0


def test_a_floor_is_taken_a_wall_seen_from_the_side_and_a_ceiling_are_not():
    u, v = PIXELS / np.array([[31], [23]])
    assert chance(0.2 + v) == 1  # near below
    assert chance(1.2 - v) == pytest.approx(0.05)  # near above
    assert chance(0.2 + u) < 1e-6  # near on the right
    assert chance(1.2 - u) < 1e-6
    assert 0.2 < chance(0.2 + v + 0.35 * u) < 1  # a floor, the camera a little askew


def test_sky_is_infinitely_far():
    v = PIXELS[1]
    with np.errstate(divide="ignore"):
        assert chance(np.maximum(v - 10.0, 0)) == 1


def test_views_are_composed_as_photographs_are():
    """Of photographs the row explains a third to two thirds, the column 0.05 to 0.09 in the mean."""
    rows, columns = [], []
    for kind in KINDS:
        for seed in range(12):
            rays = probe(sample_view(np.random.default_rng([11, seed]), 48 * 64, {kind: 1}))
            column, row = (explained_by(along, 1 / rays.depth.astype(np.float64)) for along in rays.pixels)
            rows.append(row)
            columns.append(abs(column))
    assert 0.3 < np.mean(rows) < 0.7
    assert np.mean(columns) < 0.09
    assert np.quantile(columns, 0.9) < 0.2
