import numpy as np
import pytest

from mdetools.visualization import color_table, depth_panel, stack_panels
from mdetools.visualization.canvas import resize_map
from mdetools.visualization.panel import comparison_tiles, percentile_range, relative_error, tile_size

INVALID = [128, 128, 128]


def scene(height=240, width=320, seed=0):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    depth = np.linspace(1, 5, height * width, dtype=np.float32).reshape(height, width)
    return image, depth, np.ones((height, width), bool)


def tiles(panel, count, height=240, width=320):
    """The tiles of a panel of 4:3 images: they lie at the top left, after an edge and the title."""
    starts = [10, 340, 670][:count]
    return [panel[36 : 36 + height, start : start + width] for start in starts]


def test_the_image_is_shown_as_it_is():
    image, depth, mask = scene()
    assert np.array_equal(tiles(depth_panel(image, depth, mask, depth), 1)[0], image)


def test_ground_truth_and_prediction_share_one_range():
    image, depth, mask = scene()
    _, truth, same = tiles(depth_panel(image, depth, mask, depth), 3)
    assert np.array_equal(truth, same)
    _, truth_again, doubled = tiles(depth_panel(image, depth, mask, 2 * depth), 3)
    assert np.array_equal(truth_again, truth)  # the prediction does not move the range
    # Where depth is 1.5 m and twice the prediction is 3 m, the prediction has the colour of the truth at 3 m.
    row, row_of_double = round(0.125 * 239), round(0.5 * 239)
    np.testing.assert_allclose(doubled[row, 160].astype(int), truth[row_of_double, 160].astype(int), atol=4)
    assert (doubled[-1] == color_table("Spectral")[255]).all()


def test_holes_are_grey_and_not_scored():
    image, depth, mask = scene()
    mask[50:100, 60:200] = False
    depth[~mask] = 0
    prediction = np.full_like(depth, 3)
    panel = depth_panel(image, depth, mask, prediction)
    truth, shown = tiles(panel, 3)[1:]
    assert (truth[50:100, 60:200] == INVALID).all()
    assert not (truth[101:] == INVALID).all(-1).any()
    assert not (shown == INVALID).all(-1).any()
    error, known = relative_error(depth, mask, prediction)
    assert np.array_equal(known, mask)
    assert error[mask].mean() == pytest.approx((np.abs(3 - depth[mask]) / depth[mask]).mean(), rel=1e-5)
    assert error[~mask].max() == 0


def test_prediction_of_another_size_is_compared_at_the_ground_truths():
    _, depth, mask = scene()
    error, known = relative_error(depth, mask, np.full((30, 40), 2.0, np.float32))
    assert error.shape == depth.shape and known.all()
    np.testing.assert_allclose(error, np.abs(2 - depth) / depth, rtol=1e-5)


@pytest.mark.parametrize("size", [(375, 1242), (900, 600), (10, 2000), (64, 64)])
def test_any_size_and_aspect(size):
    image = np.zeros((*size, 3), np.uint8)
    truth = np.full((37, 50), 4.0, np.float32)
    panel = depth_panel(image, truth, truth > 0, np.full((20, 30), 4.0, np.float32), relative=True)
    height, width = tile_size(*size)
    assert height * width == pytest.approx(320 * 240, rel=0.02)
    assert width / height == pytest.approx(np.clip(size[1] / size[0], 0.25, 4), rel=0.02)
    assert (panel[36 : 36 + height, 10 : 10 + width] == 0).all()
    assert panel.shape[0] == height + 56


def test_without_ground_truth_near_is_red_in_depth_and_in_inverse_depth():
    image, depth, _ = scene()
    metric = tiles(depth_panel(image, None, None, depth), 2)[1]
    inverse = tiles(depth_panel(image, None, None, 1 / depth, relative=True), 2)[1]
    for shown in (metric, inverse):
        assert shown[0, 0].tolist() == color_table("Spectral")[0].tolist()
        assert shown[-1, -1].tolist() == color_table("Spectral")[255].tolist()


def test_a_frame_without_valid_pixels_takes_the_predictions_range():
    image, depth, mask = scene()
    _, truth, shown = tiles(depth_panel(image, 0 * depth, ~mask, depth), 3)
    assert (truth == INVALID).all()
    assert np.array_equal(shown, tiles(depth_panel(image, depth, mask, depth), 3)[2])


def test_range_is_robust_and_never_empty():
    depth = np.full((100, 100), 2.0)
    depth[0, :50], depth[0, 50] = 4.0, 1000.0
    depth[1:21] = 3.0
    assert percentile_range(depth, depth > 0) == (2.0, 3.0)
    assert percentile_range(np.full((2, 2), 7.0), np.ones((2, 2), bool)) == (6.5, 7.5)
    assert percentile_range(depth, depth > 1e6) == (0.0, 1.0)


def test_shrinking_keeps_sparse_points_and_their_values():
    depth, mask = np.zeros((40, 40), np.float32), np.zeros((40, 40), bool)
    depth[13, 22], mask[13, 22] = 5.5, True
    small, known = resize_map(depth, mask, (10, 10))
    assert np.argwhere(known).tolist() == [[3, 5]]
    assert small[3, 5] == pytest.approx(5.5)
    large, known = resize_map(depth, mask, (80, 80))
    assert known.sum() == 4 and set(np.unique(large)) == {0.0, 5.5}


def test_panels_are_stacked_with_white_beside_the_narrow():
    wide, narrow = np.zeros((4, 9, 3), np.uint8), np.full((2, 5, 3), 7, np.uint8)
    stack = stack_panels([wide, narrow])
    assert stack.shape == (6, 9, 3)
    assert (stack[:4] == 0).all() and (stack[4:, :5] == 7).all() and (stack[4:, 5:] == 255).all()


def test_a_sparse_ground_truths_points_are_drawn_large_with_their_own_values():
    image, depth, _ = scene(480, 640)
    mask = np.zeros(depth.shape, bool)
    mask[100::12, 100::12] = True
    near, far = depth.copy(), np.where(mask, depth, 0)
    far[102::12, 102::12], mask[102::12, 102::12] = 99, True  # a point behind, in the neighbouring pixel of the tile
    # One behind in the same pixel, without error.
    far[101::12, 101::12], mask[101::12, 101::12] = 1.15 * near[101::12, 101::12], True
    truth, _, error = (tile.picture for tile in comparison_tiles(far, mask, near * 1.15, (240, 320), ""))
    assert np.array_equal(tiles(depth_panel(image, far, mask, near * 1.15), 2)[1], truth)
    shown = (truth != INVALID).any(-1)
    assert shown[:49].sum() == 0 and shown[60:, 60:].mean() == pytest.approx(14 / 36, abs=0.02)
    low, high = np.percentile(far[mask], (1, 99))
    expected = color_table("Spectral")[round(255 * (near[244, 244] - low) / (high - low))]
    for row, col in ((122, 122), (121, 122), (121, 121)):
        assert np.abs(truth[row, col].astype(int) - expected).max() <= 3
    assert np.abs(error[122, 122].astype(int) - color_table("magma")[round(255 * 0.15 / 0.3)]).max() <= 3
    assert error[123, 123].tolist() == color_table("magma")[255].tolist()
