"""Several models on one image: one range over truth and maps, errors where they count."""

import sys

import numpy as np
import pytest

from mdetools.contract import QUANTITIES
from mdetools.visualization import ShownMap, color_table, model_panel
from mdetools.visualization.layout import compose, fitted_text, text_size, with_footer

module = sys.modules["mdetools.visualization.model_panel"]  # whose name in the package is the function
GREY = [128, 128, 128]
HEIGHT, WIDTH = 240, 320  # a tile of this size is the map itself
IMAGE = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
DEPTH = np.linspace(1, 5, HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH)


@pytest.fixture
def rows(monkeypatch):
    """Draws a panel; returns its rows of tiles."""

    def draw(*maps, **options):
        found = []
        with monkeypatch.context() as patch:
            patch.setattr(module, "compose", lambda tiles: found.append(tiles) or compose(tiles))
            model_panel(IMAGE, maps, **options)
        return found[0]

    return draw


def colors(values, low, high, cmap="Spectral"):
    return color_table(cmap)[(np.clip((values - low) / (high - low), 0, 1) * 255 + 0.5).astype(np.uint8)].astype(int)


def test_truth_and_all_maps_in_metres_share_the_truths_range(rows):
    mask = DEPTH < 4.5
    counted = mask.copy()
    counted[:, :40] = False
    maps = [ShownMap("one", 1.1 * DEPTH, ("abs_rel 0.100",), counted=counted), ShownMap("two", 0.8 * DEPTH)]
    upper, lower = rows(*maps, truth=DEPTH, valid_mask=mask)
    assert [tile.title for tile in upper] == ["Image", "one", "two"]
    low, high = np.percentile(DEPTH[mask], (1, 99))
    for tile, values in zip((*upper[1:], lower[0]), (1.1 * DEPTH, 0.8 * DEPTH, DEPTH), strict=True):
        shown = tile.picture.astype(int)
        known = mask if tile is lower[0] else np.ones_like(mask)
        assert np.abs(shown - colors(values, low, high))[known].max() <= 3
    assert (lower[0].picture[~mask] == GREY).all() and lower[0].title == "Ground truth"
    assert [tile.bar is None for tile in upper] == [True, True, False]
    assert upper[1].caption == ("abs_rel 0.100",)
    # The error of the first alone, on what counts; 0.1 of a range up to 0.3
    assert lower[2] is None and lower[1].bar is not None
    assert np.abs(lower[1].picture.astype(int) - colors(np.float32(0.1), 0, 0.3, "magma"))[counted].max() <= 3
    assert (lower[1].picture[~counted] == GREY).all()


def test_a_range_that_is_said_is_taken(rows):
    (upper,) = rows(ShownMap("one", DEPTH), limits=(0.0, 10.0))
    assert np.abs(upper[1].picture.astype(int) - colors(DEPTH, 0, 10)).max() <= 3
    (upper,) = rows(ShownMap("one", DEPTH), limits=(None, 10.0))
    assert np.abs(upper[1].picture.astype(int) - colors(DEPTH, np.percentile(DEPTH, 1), 10)).max() <= 3


def test_without_a_truth_maps_in_metres_share_one_range_and_relative_ones_have_their_own(rows):
    relative = ShownMap("three", 100 / DEPTH, quantity=QUANTITIES["inverse_depth"])
    (upper,) = rows(ShownMap("one", DEPTH), ShownMap("two", 2 * DEPTH), relative, title="a")
    low, high = np.percentile(np.concatenate([DEPTH, 2 * DEPTH]), (1, 99))
    for tile, values in zip(upper[1:3], (DEPTH, 2 * DEPTH), strict=True):
        assert np.abs(tile.picture.astype(int) - colors(values, low, high)).max() <= 3
    own = colors(100 / DEPTH, *np.percentile(100 / DEPTH, (1, 99)), "Spectral_r")
    assert np.abs(upper[3].picture.astype(int) - own).max() <= 3
    assert [tile.bar is None for tile in upper] == [True, True, False, False]
    assert upper[0].title == "a"


def test_a_truth_of_another_size_with_nothing_known(rows):
    truth = np.zeros((30, 40), np.float32)
    upper, lower = rows(ShownMap("one", DEPTH, counted=truth > 0), truth=truth, valid_mask=truth > 0)
    low, high = np.percentile(DEPTH, (1, 99))
    assert np.abs(upper[1].picture.astype(int) - colors(DEPTH, low, high)).max() <= 3
    assert (lower[0].picture == GREY).all() and (lower[1].picture == GREY).all()


def test_long_names_keep_their_end_and_a_footer_its_width():
    name = "a/very/long/path/of/folders/that/does/not/fit/above/a/tile/000012.png"
    shown = fitted_text(name, 200)
    assert text_size(shown)[0] <= 200 and shown.startswith("...") and name.endswith(shown[3:])
    assert text_size(f"...{name[-len(shown[3:]) - 1 :]}")[0] > 200
    panel = np.zeros((20, 300, 3), np.uint8)
    footed = with_footer(panel, "words " * 30)
    assert footed.shape[1] == 300 and (footed[:20] == 0).all()
    assert (footed[20:, -4:] == 255).all() and (footed[20:] < 200).any()
