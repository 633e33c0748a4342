import numpy as np
import pytest

from mdetools.datasets.transforms import RandomZoom, Resize
from mdetools.testing import check_transform

HEIGHT, WIDTH, DISPARITY = 60, 100, 7


def make_pair():
    """A pair with left(x) = right(x - 7), and depth, mask and intrinsics of the left image."""
    rng = np.random.default_rng(0)
    right = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    depth = rng.uniform(1, 9, (HEIGHT, WIDTH)).astype(np.float32)
    valid_mask = depth > 3
    intrinsics = np.array([[80, 0, 48.3], [0, 82, 31.6], [0, 0, 1]], np.float32)
    images = dict(image=np.roll(right, DISPARITY, axis=1), image_right=right)
    meta = dict(id="a", path="a")
    return images | dict(
        depth=depth * valid_mask, valid_mask=valid_mask, intrinsics=intrinsics, baseline=0.5, meta=meta
    )


def test_zoom_is_a_window_and_the_same_one_everywhere():
    sample, zooms, corners = make_pair(), [], []
    for seed in range(100):
        zoomed = RandomZoom((1.0, 1.6))(sample, np.random.default_rng(seed))
        left, top = np.rint(sample["intrinsics"][:2, 2] - zoomed["intrinsics"][:2, 2]).astype(int)
        height, width = zoomed["image"].shape[:2]
        window = np.s_[top : top + height, left : left + width]
        for key in ("image", "image_right", "depth", "valid_mask"):
            np.testing.assert_array_equal(zoomed[key], sample[key][window])
        np.testing.assert_allclose(zoomed["intrinsics"][[0, 1], [0, 1]], [80, 82])
        assert abs(height / HEIGHT - width / WIDTH) < 0.015
        zooms.append(WIDTH / width)
        corners.append((left / max(WIDTH - width, 1), top / max(HEIGHT - height, 1)))
        np.testing.assert_array_equal(zoomed["image"][:, DISPARITY:], zoomed["image_right"][:, :-DISPARITY])
    assert 1.0 <= min(zooms) < 1.05 and 1.55 < max(zooms) <= 1.61
    assert np.mean(zooms) == pytest.approx(1.3, abs=0.05)
    assert np.mean(corners, axis=0) == pytest.approx(0.5, abs=0.1)


def test_zoom_then_resize_is_an_upscale_with_true_intrinsics():
    sample = make_pair()
    rng = np.random.default_rng(1)
    zoomed = RandomZoom((1.25, 1.25))(sample, rng)
    result = Resize((HEIGHT, WIDTH), 1, keep_aspect=False)(zoomed, rng)
    assert result["image"].shape == sample["image"].shape
    np.testing.assert_allclose(result["intrinsics"][[0, 1], [0, 1]], [1.25 * 80, 1.25 * 82], rtol=1e-6)
    left, top = np.rint(sample["intrinsics"][:2, 2] - zoomed["intrinsics"][:2, 2])
    # pixel (x, y) of the result shows the ray of pixel (x + 0.5) / 1.25 - 0.5 + corner of the image
    np.testing.assert_allclose(result["intrinsics"][0, 2], (48.3 - left + 0.5) * 1.25 - 0.5, rtol=1e-5)
    np.testing.assert_allclose(result["intrinsics"][1, 2], (31.6 - top + 0.5) * 1.25 - 0.5, rtol=1e-5)


def test_battery():
    check_transform(RandomZoom(), make_pair())
