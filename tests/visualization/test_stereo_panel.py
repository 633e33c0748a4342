import sys

import cv2
import numpy as np
import pytest
from support.paths import REAL_DATA

from mdetools.visualization import color_table, stereo_panel
from mdetools.visualization.layout import compose
from mdetools.visualization.stereo_panel import warp_right

module = sys.modules["mdetools.visualization.stereo_panel"]  # whose name in the package is the function
GREY = [128, 128, 128]
HEIGHT, WIDTH, SHIFT = 160, 240, 7  # a tile of this size is the map itself


def pair(seed=0):
    """Left and right image of a plane, whose disparity is `SHIFT`."""
    wide = np.random.default_rng(seed).integers(0, 200, (HEIGHT, WIDTH + SHIFT, 3), dtype=np.uint8)
    return wide[:, :WIDTH], wide[:, SHIFT:]


def plane(value):
    return np.full((HEIGHT, WIDTH), value, np.float32)


@pytest.fixture
def tiles(monkeypatch):
    """Draws a panel; returns its tiles by their titles."""

    def draw(*maps):
        rows = []
        with monkeypatch.context() as patch:
            patch.setattr(module, "compose", lambda drawn: rows.append(drawn) or compose(drawn))
            stereo_panel(*maps)
        return {tile.title.partition(",")[0]: tile.picture for row in rows[0] for tile in row}

    return draw


def test_left_and_right_warped_to_left(tiles):
    left, right = pair()
    drawn = tiles(left, right, None, None, plane(10), plane(SHIFT))
    warped = drawn["Right warped to left"]
    assert np.array_equal(drawn["Left"], left)
    np.testing.assert_allclose(warped[:, SHIFT:].astype(int), left[:, SHIFT:], atol=1)
    assert (warped[:, :SHIFT] == GREY).all()


def test_photometric_error_is_the_mean_of_the_channels_in_a_fixed_range(tiles):
    left, right = pair()
    brighter = right + np.array([30, 12, 0], np.uint8)  # a mean of 14 of 255
    error = tiles(left, brighter, None, None, plane(10), plane(SHIFT))["Photometric error"]
    assert (error[:, :SHIFT] == GREY).all()
    found = error[:, SHIFT:].reshape(-1, 3)
    expected = color_table("magma")[round(14 / 255 / 0.2 * 255)]
    assert np.abs(found.astype(int) - expected).max() <= 3
    black = color_table("magma")[0]
    none = tiles(left, right, None, None, plane(10), plane(SHIFT))["Photometric error"]
    assert (none[:, SHIFT:] == black).all()
    wrong = tiles(left, right, None, None, plane(10), plane(-SHIFT))["Photometric error"]
    assert (wrong == color_table("magma")[255]).all(-1).mean() > 0.3
    assert (wrong[:, -SHIFT:] == GREY).all()


def test_near_is_red_in_disparity_and_in_depth(tiles):
    left, right = pair()
    disparity = np.linspace(2, 30, HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH)
    drawn = tiles(left, right, None, None, 400 / disparity, disparity)
    for shown in (drawn["Disparity"], drawn["Predicted depth"]):
        assert shown[0, 0].tolist() == color_table("Spectral")[255].tolist()
        assert shown[-1, -1].tolist() == color_table("Spectral")[0].tolist()


def test_a_sky_far_away_leaves_colours_to_the_rest(tiles):
    left, right = pair()
    depth = np.linspace(5, 80, HEIGHT, dtype=np.float32)[::-1, None].repeat(WIDTH, 1)
    depth[:40] = 1000
    shown = tiles(left, right, None, None, depth, plane(5))["Predicted depth"]
    assert (shown[:40] == color_table("Spectral")[255]).all()
    near, far = depth[-1, 0], 80
    row = 140
    expected = color_table("Spectral")[round(255 * (depth[row, 0] - near) / (far - near))]
    assert np.abs(shown[row, 0].astype(int) - expected).max() < 10


def test_ground_truth_and_prediction_share_a_range_and_errors_stand_at_the_points(tiles):
    left, right = pair()
    depth = np.linspace(4, 40, HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH)
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[100::4, 2::4] = True
    drawn = tiles(left, right, np.where(mask, depth, 0), mask, 1.15 * depth, plane(SHIFT))
    truth, predicted, error = drawn["Ground truth"], drawn["Predicted depth"], drawn["Abs. rel. error"]
    assert (truth[:99] == GREY).all() and (error[:99] == GREY).all()
    row = 120
    expected = color_table("magma")[round(0.15 / 0.3 * 255)]
    assert np.abs(error[row, 2::4].astype(int) - expected).max() <= 4
    low, high = np.percentile(depth[mask], (1, 99))
    table = color_table("Spectral")
    for shown, value in ((truth, depth[row, 6]), (predicted, 1.15 * depth[row, 6])):
        assert np.abs(shown[row, 6].astype(int) - table[round(255 * (value - low) / (high - low))]).max() <= 6
    # A point is three pixels wide and the next one four away.
    assert (truth[row, 101:104] != GREY).any(-1).all() and (truth[row, 104] == GREY).all()


@pytest.mark.parametrize("size", [(375, 1242), (64, 208), (240, 320)])
def test_two_rows_for_any_size_of_image_depth_and_prediction(size):
    image = np.zeros((*size, 3), np.uint8)
    truth = np.zeros((375, 1242), np.float32)
    truth[200::9, ::7] = 12
    panels = [
        stereo_panel(image, image, depth, mask, np.full((94, 311), 12.0, np.float32), np.zeros(size, np.float32))
        for depth, mask in ((truth, truth > 0), (None, None))
    ]
    height, width = (round(np.sqrt(160 * 240 * ratio)) for ratio in (size[0] / size[1], size[1] / size[0]))
    assert [panel.shape[0] for panel in panels] == [10 + 2 * (height + 46)] * 2
    # Four columns, with bars of at most 100 pixels; three without ground truth
    assert 4 * width < panels[0].shape[1] < 4 * (width + 100) and panels[1].shape[1] < 3 * (width + 100)


def test_nothing_inside_is_grey(tiles):
    left, right = pair()
    drawn = tiles(left, right, None, None, plane(1), plane(2 * WIDTH))
    assert (drawn["Right warped to left"] == GREY).all()
    assert (drawn["Photometric error: all outside"] == GREY).all()


def test_a_real_pair_is_explained_by_its_disparity():
    drive = "2011_09_26_drive_9003_sync"
    truth = REAL_DATA / "kitti_disp_occ" / drive / "0000000011.png"
    if not truth.is_file():
        pytest.skip(f"no real pairs in {REAL_DATA}")
    disparity = cv2.imread(str(truth), cv2.IMREAD_UNCHANGED).astype(np.float32) / 256
    views = [
        next((REAL_DATA / "kitti_raw/2011_09_26" / drive / f"image_{n:02d}/data").glob("0000000011.*")) for n in (2, 3)
    ]
    left, right = (cv2.imread(str(path)) for path in views)
    warped, inside = warp_right(right, disparity)
    known = inside & (disparity > 0)
    before, after = (np.abs(left.astype(np.float32) - other)[known].mean() for other in (right, warped))
    assert after < before / 2
