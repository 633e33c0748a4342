import numpy as np
import pytest
from support.user_errors import user_error

from mdetools.datasets.transforms import BenchmarkCrop, PackSample, RandomZoom, Resize
from mdetools.testing import check_transform

HEIGHT, WIDTH, DISPARITY = 60, 100, 7


def make_pair(size=(HEIGHT, WIDTH)):
    """A pair with left(x) = right(x - 7), and depth, mask and intrinsics of the left image."""
    rng = np.random.default_rng(0)
    right = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
    depth = rng.uniform(1, 9, size).astype(np.float32)
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


@pytest.mark.parametrize(("size", "top", "left"), [((375, 1242), 23, 13), ((376, 1241), 24, 12), ((352, 1216), 0, 0)])
def test_the_benchmark_crop_is_the_bottom_and_the_middle(size, top, left):
    sample = make_pair(size) | {"size": np.array(size)}
    cropped = BenchmarkCrop()(sample, np.random.default_rng(0))
    for key in ("image", "image_right", "depth", "valid_mask"):
        np.testing.assert_array_equal(cropped[key], sample[key][top : top + 352, left : left + 1216])
    np.testing.assert_allclose(cropped["intrinsics"], [[80, 0, 48.3 - left], [0, 82, 31.6 - top], [0, 0, 1]], rtol=1e-6)
    assert cropped["size"].tolist() == [352, 1216] and cropped["baseline"] == 0.5
    packed = PackSample()(Resize(350, resize_depth=False)(cropped, None), None)
    assert packed["depth"].shape == (1, 352, 1216) and packed["image"].shape == (3, 350, 1204)


@pytest.mark.parametrize(
    ("window", "rows", "columns"), [("garg", (153, 371), (44, 1197)), ("eigen", (124, 342), (44, 1197))]
)
def test_the_benchmark_crop_with_a_window_of_the_whole_frame(window, rows, columns):
    sample = make_pair((375, 1242))
    inside = np.zeros((375, 1242), bool)
    inside[slice(*rows), slice(*columns)] = True
    cropped = BenchmarkCrop(window)(sample, np.random.default_rng(0))
    expected = np.where(inside, sample["depth"], 0)[23:, 13:1229]
    np.testing.assert_array_equal(cropped["depth"], expected)
    np.testing.assert_array_equal(cropped["valid_mask"], expected > 0)
    np.testing.assert_array_equal(cropped["image"], sample["image"][23:, 13:1229])


def test_the_benchmark_crop_does_not_fit_or_has_no_such_window():
    for size in ((351, 1242), (375, 1215)):
        user_error(
            lambda size=size: BenchmarkCrop()(make_pair(size), None),
            f"a: the image is {size[0]}x{size[1]}, expected 352x1216 at least", "before the Resize",
        )  # fmt: skip
    user_error(lambda: BenchmarkCrop("grag"), "no window 'grag'", "did you mean 'garg'")


def test_battery():
    check_transform(RandomZoom(), make_pair())
    check_transform(BenchmarkCrop(), make_pair((360, 1220)))
    check_transform(BenchmarkCrop("garg"), make_pair((360, 1220)))
