"""What is drawn of a sample: pixel values of every field, and one range over all views."""

import numpy as np
import pytest

from mdetools.visualization import class_palette, color_table, sample_panel, views_panel
from mdetools.visualization.sample_panel import drawn_names, sample_tiles, value_ranges

GREY = [128, 128, 128]
HEIGHT, WIDTH = 240, 320  # a tile of this size is the map itself


def sample_of(**fields):
    rng = np.random.default_rng(0)
    return {"image": rng.integers(1, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8), **fields}


def ramp(low, high):
    return np.linspace(low, high, HEIGHT * WIDTH, dtype=np.float32).reshape(1, HEIGHT, WIDTH)


def tiles_of(sample):
    tiles = sample_tiles(sample, "frame", drawn_names([sample]), value_ranges([sample]))
    return {tile.title.partition(":")[0]: tile for tile in tiles}


def test_images_masks_targets_and_regions_in_this_order():
    mask = np.ones((1, HEIGHT, WIDTH), bool)
    mask[:, 50:100, 60:200] = False
    region = np.zeros((1, HEIGHT, WIDTH), np.int64)
    region[:, 100:, :100] = 1
    right = np.full((HEIGHT, WIDTH, 3), 9, np.uint8)
    sample = sample_of(image_right=right, depth=ramp(1, 5) * mask, valid_mask=mask, region=region)
    drawn = tiles_of(sample)
    assert list(drawn) == ["frame", "Right image", "Valid", "Depth", "Region"]
    np.testing.assert_array_equal(drawn["frame"].picture, sample["image"])
    np.testing.assert_array_equal(drawn["Right image"].picture, right)
    valid = drawn["Valid"].picture[1:-1, 1:-1]  # without its frame
    np.testing.assert_array_equal(valid, np.repeat(255 * mask[0, 1:-1, 1:-1, None].astype(np.uint8), 3, 2))
    assert drawn["Valid"].title == f"Valid: {100 * (1 - 50 * 140 / HEIGHT / WIDTH):.1f}%"
    low, high = np.percentile(ramp(1, 5)[mask], (1, 99))
    expected = color_table("Spectral")[
        (np.clip((ramp(1, 5)[0] - low) / (high - low), 0, 1) * 255 + 0.5).astype(np.uint8)
    ]
    depth = drawn["Depth"].picture
    assert np.abs(depth[mask[0]].astype(int) - expected[mask[0]]).max() <= 3
    assert (depth[~mask[0]] == GREY).all()
    np.testing.assert_array_equal(drawn["Region"].picture, class_palette()[region[0]])
    panel = sample_panel(sample, "frame")
    assert panel.shape[0] == 36 + HEIGHT + 20
    np.testing.assert_array_equal(panel[36 : 36 + HEIGHT, 10 : 10 + WIDTH], sample["image"])


def test_near_is_red_in_inverse_depth_and_what_no_mask_tells_of_is_known_unless_a_hole():
    inverse = ramp(0.1, 2)
    inverse[:, :30] = 0
    shown = tiles_of(sample_of(inverse_depth=inverse))["Inverse depth"].picture
    assert (shown[:30] == GREY).all() and shown[-1, -1].tolist() == color_table("Spectral")[0].tolist()
    assert shown[30, 0].tolist() == color_table("Spectral")[255].tolist()


def test_sparse_points_are_three_pixels_wide_the_nearer_ones_in_front():
    """Of depth the smaller value is nearer, of inverse depth the larger one."""
    for name, near, far in (("depth", 2.0, 9.0), ("inverse_depth", 9.0, 2.0)):
        values = np.zeros((1, HEIGHT, WIDTH), np.float32)
        values[:, 20::20, 20::20] = far
        values[:, 20::20, 22::20] = near  # the column between both is the nearer one's
        picture = tiles_of(sample_of(**{name: values}))[name.replace("_", " ").capitalize()].picture
        red = color_table("Spectral")[0]
        assert (picture[19:22, 21:24] == red).all() and (picture[19:22, 19] != red).any(-1).all()
        assert (picture[30:36] == GREY).all()


def test_holes_of_a_mixed_batch_are_left_out_or_grey():
    empty = np.zeros((1, HEIGHT, WIDTH), np.float32)
    sample = sample_of(image_right=np.zeros((HEIGHT, WIDTH, 3), np.uint8), depth=empty, valid_mask=empty > 0)
    drawn = tiles_of(sample)
    assert list(drawn) == ["frame", "Valid", "Depth"]
    assert drawn["Depth"].title == "Depth: nowhere known" and drawn["Depth"].bar is None
    assert (drawn["Depth"].picture == GREY).all()


def test_classes_have_their_colours_and_holes_are_grey():
    semantic = np.full((1, HEIGHT, WIDTH), 3)
    semantic[:, :100] = 255
    shown = tiles_of(sample_of(semantic=semantic))["Classes"].picture
    assert (shown[100:] == class_palette()[3]).all() and (shown[:100] == GREY).all()


def test_pairs_of_points_stand_on_the_image_the_closer_one_in_red():
    pairs = np.array([[[40.0, 60], [200, 60]], [[np.nan] * 2] * 2])
    sample = {**sample_of(), "image": np.zeros((HEIGHT, WIDTH, 3), np.uint8), "point_pairs": pairs}
    shown = tiles_of(sample)["frame"].picture
    assert shown[60, 40].tolist() == [215, 25, 28] and shown[60, 200].tolist() == [44, 90, 200]
    assert shown[60, 120].min() > 200 and not shown[80:].any()
    assert not sample["image"].any()


def test_views_of_a_frame_have_one_range_over_all_of_them():
    views = [sample_of(depth=ramp(1, 3)), sample_of(depth=ramp(2, 6))]
    both = np.concatenate([ramp(1, 3).ravel(), ramp(2, 6).ravel()])
    assert value_ranges(views)["depth"] == pytest.approx(np.percentile(both, (1, 99)))
    panel = views_panel(views, ["a", "b"])
    pitch = 26 + HEIGHT + 20
    assert panel.shape[0] == 10 + 2 * pitch
    first, second = (panel[36 + pitch : 36 + pitch + HEIGHT, left : left + WIDTH] for left in (10, 20 + WIDTH))
    table = color_table("Spectral")
    low, high = np.percentile(both, (1, 99))
    for shown, depth in ((first, ramp(1, 3)[0]), (second, ramp(2, 6)[0])):
        expected = table[(np.clip((depth - low) / (high - low), 0, 1) * 255 + 0.5).astype(np.uint8)]
        assert np.abs(shown.astype(int) - expected).max() <= 3
    # One bar, behind the last column
    assert (panel[36 + pitch :, 10 + WIDTH : 20 + WIDTH] == 255).all() and panel.shape[1] > 40 + 2 * WIDTH
