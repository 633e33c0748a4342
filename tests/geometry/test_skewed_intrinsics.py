"""Cameras whose image axes are not at right angles, as of some scenes of Hypersim."""

import numpy as np

from mdetools.geometry import crop_intrinsics, flip_intrinsics, resize_intrinsics

CAMERA = np.array([[500, 12, 320], [0, 510, 240], [0, 0, 1.0]])
POINTS = np.array([[0.3, -0.7, 2.0], [-1.1, 0.4, 3.5], [0, 0.9, 1.5]])


def pixels(camera, points):
    """Where points (N, 3) are seen, (N, 2)."""
    seen = points @ camera.T
    return seen[:, :2] / seen[:, 2:]


def test_a_flipped_image_shows_the_mirrored_world():
    flipped = flip_intrinsics(CAMERA, 640)
    x, y = pixels(CAMERA, POINTS).T
    np.testing.assert_allclose(pixels(flipped, POINTS * [-1, 1, 1]), np.stack([639 - x, y], 1), atol=1e-9)


def test_no_skew_is_still_none():
    camera = np.array([[500, 0, 320], [0, 510, 240], [0, 0, 1]], np.float32)
    assert flip_intrinsics(camera, 640)[0, 1].tobytes() == np.float32(0).tobytes()  # not -0


def test_a_resized_crop():
    camera = resize_intrinsics(crop_intrinsics(CAMERA, 100, 50), 0.5, 0.25)
    expected = (pixels(CAMERA, POINTS) - [100, 50] + 0.5) * [0.5, 0.25] - 0.5
    np.testing.assert_allclose(pixels(camera, POINTS), expected, atol=1e-9)
