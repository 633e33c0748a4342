import numpy as np
import pytest

from mdetools.synthetic.sensors.kinect import KinectModel, occluded_from_projector


def test_shadow_is_left_of_a_near_object_and_as_wide_as_the_disparity_step():
    depth = np.full((4, 200), 4.0)
    depth[:, 100:140] = 1.0
    shadow = occluded_from_projector(depth, 20.0)
    # The object moves by 20 / 1 pixels, the wall by 20 / 4: 15 pixels of wall stand behind it.
    assert shadow[:, 100:].sum() == 0
    np.testing.assert_allclose(shadow[:, 80:100].sum(axis=1), 15, atol=1)
    assert shadow[:, :80].sum() == 0


def measure(depth, cosine=1.0, glowing=False, **kwargs):
    shape = depth.shape
    rng = np.random.default_rng(0)
    return KinectModel(**kwargs)(depth, np.full(shape, cosine), np.full(shape, glowing), 260.0, rng)


def test_range_grazing_and_light_make_holes():
    wall = np.full((50, 60), 3.0, np.float32)
    assert (measure(wall) > 0).all()
    assert (measure(wall, cosine=0.01) == 0).all()
    assert (measure(wall, glowing=True) == 0).all()
    assert (measure(wall * 0 + 0.2) == 0).all()
    assert (measure(wall * 0 + 12) == 0).all()
    assert (measure(wall * np.inf) == 0).all()


@pytest.mark.parametrize("depth", [1.0, 3.0, 6.0])
def test_noise_and_steps_grow_with_the_square_of_depth(depth):
    measured = measure(np.full((200, 200), depth, np.float32))
    step = 2.85e-3 * depth**2
    sigma = np.hypot(0.0012 + 0.0019 * (depth - 0.4) ** 2, step / np.sqrt(12))  # noise and rounding
    assert measured.std() == pytest.approx(sigma, rel=0.05)
    assert abs(measured.mean() - depth) < step / 2
    np.testing.assert_allclose(measured / step, np.round(measured / step), atol=1e-3)
