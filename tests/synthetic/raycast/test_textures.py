import numpy as np
import pytest

from mdetools.synthetic.raycast.patterns import pulse, value_noise
from mdetools.synthetic.raycast.textures import Bands, Checker, Noise, Plain, Tiles

BLACK, WHITE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


def line(length=2.0, count=20001):
    u = np.linspace(0.0, length, count, dtype=np.float32)
    return np.stack([u, np.full_like(u, 0.0137)]), np.full_like(u, 1e-5)


def test_checker_and_bands_have_their_metric_size():
    uv, sharp = line()
    for texture, period in ((Checker(0.25, BLACK, WHITE), 0.5), (Bands(0.5, 0.5, BLACK, WHITE), 0.5)):
        changes = uv[0, np.flatnonzero(np.diff(texture(uv, sharp)[0] > 0.5))]
        np.testing.assert_allclose(np.diff(changes), period / 2, atol=3e-4)


def test_tiles_have_joints_of_their_width_and_pitch():
    uv, sharp = line()
    albedo = Tiles((0.2, 0.1), Plain(WHITE), 0.01, BLACK, spread=0.0)(uv, sharp)[0]
    starts = uv[0, 1:][np.diff(albedo) < -0.5]
    np.testing.assert_allclose(np.diff(starts), 0.2, atol=3e-4)
    assert (albedo < 0.5).mean() == pytest.approx(0.05, abs=2e-3)


def test_rows_of_bricks_are_shifted():
    wall = Tiles((0.2, 0.1), Plain(WHITE), 0.01, BLACK, shift=0.5, spread=0.0)
    uv, sharp = line()
    above = uv + np.array([[0.1], [0.1]], np.float32)  # one row up, half a brick along
    np.testing.assert_allclose(wall(uv, sharp), wall(above, sharp), atol=2e-2)


@pytest.mark.parametrize("width", [0.07, 0.4, 1.0, 2.6])
def test_pulse_is_the_mean_over_the_filter(width):
    x = np.random.default_rng(0).uniform(-3, 3, 200)
    samples = x[:, None] + np.linspace(-width / 2, width / 2, 40001)
    expected = (samples - np.floor(samples) < 0.3).mean(axis=1)
    np.testing.assert_allclose(pulse(x, 0.3, np.full_like(x, width)), expected, atol=2e-4)


def test_value_noise_meets_its_lattice_and_is_continuous():
    x = np.linspace(0, 3, 30001, dtype=np.float32)
    noise = value_noise(x, np.full_like(x, 0.4))
    # The steepest smoothstep is 1.5 times the difference of two values in [-1, 1].
    assert np.abs(np.diff(noise)).max() <= 3 * 1e-4 * 1.05
    assert noise.std() > 0.1
    assert np.abs(noise).max() <= 1


def test_detail_below_a_pixel_fades_to_the_mean():
    uv, sharp = line()
    texture = Noise((0.02, 0.02), BLACK, WHITE, octaves=2)
    assert texture(uv, sharp).std() > 0.1
    np.testing.assert_allclose(texture(uv, sharp * 0 + 0.05), 0.5)
