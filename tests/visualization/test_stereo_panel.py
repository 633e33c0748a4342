import cv2
import numpy as np
import pytest
from support.paths import REAL_DATA

from mdetools.visualization import color_table, stereo_panel
from mdetools.visualization.stereo_panel import warp_right

GREY = [128, 128, 128]
HEIGHT, WIDTH, SHIFT = 240, 320, 7  # a tile of this size is the map itself


def pair(seed=0):
    """Left and right image of a plane, whose disparity is `SHIFT`."""
    wide = np.random.default_rng(seed).integers(0, 200, (HEIGHT, WIDTH + SHIFT, 3), dtype=np.uint8)
    return wide[:, :WIDTH], wide[:, SHIFT:]


def plane(value):
    return np.full((HEIGHT, WIDTH), value, np.float32)


def tile(panel, row, col):
    top = 36 + row * (HEIGHT + 46)
    left = 10
    if col:  # the second column begins where white ends beside the first tile of the first row
        filled = (panel[36 : 36 + HEIGHT] != 255).any((0, 2))
        left = 10 + WIDTH + int(np.argmax(filled[10 + WIDTH :]))
    return panel[top : top + HEIGHT, left : left + WIDTH]


def test_left_and_right_warped_to_left():
    left, right = pair()
    panel = stereo_panel(left, right, None, None, plane(10), plane(SHIFT))
    warped = tile(panel, 0, 1)
    assert np.array_equal(tile(panel, 0, 0), left)
    np.testing.assert_allclose(warped[:, SHIFT:].astype(int), left[:, SHIFT:], atol=1)
    assert (warped[:, :SHIFT] == GREY).all()


def test_photometric_error_is_the_mean_of_the_channels_in_a_fixed_range():
    left, right = pair()
    brighter = right + np.array([30, 12, 0], np.uint8)  # a mean of 14 of 255
    error = tile(stereo_panel(left, brighter, None, None, plane(10), plane(SHIFT)), 1, 0)
    assert (error[:, :SHIFT] == GREY).all()
    found = error[:, SHIFT:].reshape(-1, 3)
    expected = color_table("magma")[round(14 / 255 / 0.2 * 255)]
    assert np.abs(found.astype(int) - expected).max() <= 3
    black = color_table("magma")[0]
    assert (tile(stereo_panel(left, right, None, None, plane(10), plane(SHIFT)), 1, 0)[:, SHIFT:] == black).all()
    wrong = tile(stereo_panel(left, right, None, None, plane(10), plane(-SHIFT)), 1, 0)
    assert (wrong == color_table("magma")[255]).all(-1).mean() > 0.3
    assert (wrong[:, -SHIFT:] == GREY).all()


def test_near_is_red_in_disparity_and_in_depth():
    left, right = pair()
    disparity = np.linspace(2, 30, HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH)
    panel = stereo_panel(left, right, None, None, 400 / disparity, disparity)
    for shown in (tile(panel, 1, 1), tile(panel, 2, 0)):
        assert shown[0, 0].tolist() == color_table("Spectral")[255].tolist()
        assert shown[-1, -1].tolist() == color_table("Spectral")[0].tolist()


def test_a_sky_far_away_leaves_colours_to_the_rest():
    left, right = pair()
    depth = np.linspace(5, 80, HEIGHT, dtype=np.float32)[::-1, None].repeat(WIDTH, 1)
    depth[:60] = 1000
    shown = tile(stereo_panel(left, right, None, None, depth, plane(5)), 2, 0)
    assert (shown[:60] == color_table("Spectral")[255]).all()
    near, far = depth[-1, 0], 80
    row = 200
    expected = color_table("Spectral")[round(255 * (depth[row, 0] - near) / (far - near))]
    assert np.abs(shown[row, 0].astype(int) - expected).max() < 10


def test_ground_truth_and_prediction_share_a_range_and_errors_stand_at_the_points():
    left, right = pair()
    depth = np.linspace(4, 40, HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH)
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[100::4, 2::4] = True
    panel = stereo_panel(left, right, np.where(mask, depth, 0), mask, 1.15 * depth, plane(SHIFT))
    truth, predicted, error = tile(panel, 2, 0), tile(panel, 2, 1), tile(panel, 3, 0)
    assert (truth[:99] == GREY).all() and (error[:99] == GREY).all()
    row = 160
    expected = color_table("magma")[round(0.15 / 0.3 * 255)]
    assert np.abs(error[row, 2::4].astype(int) - expected).max() <= 4
    low, high = np.percentile(depth[mask], (1, 99))
    table = color_table("Spectral")
    for shown, value in ((truth, depth[row, 6]), (predicted, 1.15 * depth[row, 6])):
        assert np.abs(shown[row, 6].astype(int) - table[round(255 * (value - low) / (high - low))]).max() <= 6
    # A point is three pixels wide and the next one four away.
    assert (truth[row, 101:104] != GREY).any(-1).all() and (truth[row, 104] == GREY).all()


@pytest.mark.parametrize("size", [(375, 1242), (64, 208)])
def test_any_size_of_image_depth_and_prediction(size):
    image = np.zeros((*size, 3), np.uint8)
    truth = np.zeros((375, 1242), np.float32)
    truth[200::9, ::7] = 12
    panels = [
        stereo_panel(image, image, depth, mask, np.full((94, 311), 12.0, np.float32), np.zeros(size, np.float32))
        for depth, mask in ((truth, truth > 0), (None, None))
    ]
    height = round(np.sqrt(320 * 240 * size[0] / size[1]))
    assert [panel.shape[0] for panel in panels] == [10 + rows * (height + 46) for rows in (4, 3)]


def test_nothing_inside_is_grey():
    left, right = pair()
    panel = stereo_panel(left, right, None, None, plane(1), plane(2 * WIDTH))
    assert (tile(panel, 0, 1) == GREY).all() and (tile(panel, 1, 0) == GREY).all()


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
