"""Hits and misses, and what is taken for what: what stands where, and in which colour."""

import numpy as np
import pytest

from mdetools.visualization import ShownClass, confusion_picture, hits_and_misses
from mdetools.visualization.class_pages import CELL, COLUMNS, FRAME, HIT, MISS, SHARE
from mdetools.visualization.layout import CAPTION, EDGE, SPACE, TITLE

HEIGHT, WIDTH = 96, 128


def shown(hit, value=90):
    image = np.full((HEIGHT, WIDTH, 3), value, np.uint8)
    return ShownClass(image, "cube", "cube" if hit else "sphere", 0.75)


def tile_at(page, row, column, captions):
    """A tile; the rows above it have `captions` lines below their pictures."""
    top = EDGE + TITLE + row * (TITLE + HEIGHT + 2 * EDGE) + CAPTION * captions
    left = EDGE + column * (WIDTH + SPACE)
    return page[top : top + HEIGHT, left : left + WIDTH]


def test_hits_are_framed_in_green_above_misses_in_red():
    page = hits_and_misses([shown(True, 10 * n) for n in range(COLUMNS + 1)], [shown(False, 200)] * 2)
    tiles = [tile_at(page, n // COLUMNS, n % COLUMNS, 0) for n in range(COLUMNS + 1)]
    misses = [tile_at(page, 2, n, 0) for n in range(2)]
    assert [tile[HEIGHT // 2, WIDTH // 2].tolist() for tile in tiles] == [[10 * n] * 3 for n in range(COLUMNS + 1)]
    for tile, color in [(tile, HIT) for tile in tiles] + [(tile, MISS) for tile in misses]:
        edges = [tile[0], tile[-1], tile[:, 0], tile[:, -1], tile[FRAME // 2]]
        assert all((edge == color).all() for edge in edges)


@pytest.mark.parametrize(("hits", "misses"), [(0, 1), (1, 0)])
def test_a_page_of_one_kind(hits, misses):
    page = hits_and_misses([shown(True)] * hits, [shown(False)] * misses)
    assert (tile_at(page, 0, 0, 0)[0] == (HIT if hits else MISS)).all()
    assert page.shape[0] == EDGE + TITLE + HEIGHT + 2 * EDGE + CAPTION * misses


def test_a_miss_says_what_it_is_and_a_hit_does_not():
    pages = [hits_and_misses([shown(True)], []), hits_and_misses([], [shown(False)])]
    below = [page[EDGE + TITLE + HEIGHT + FRAME :] for page in pages]
    assert below[0].min() == 255 and below[1].min() < 100


def cell_at(picture, row, column, count, size=CELL):
    """The upper left corner of a cell, where nothing is written."""
    top, left = picture.shape[0] - 10 - (count - row) * size, picture.shape[1] - 10 - (count - column) * size
    return picture[top + 2, left + 2]


def test_a_cell_is_bluer_the_larger_its_share_of_the_true_class():
    confusion = np.array([[3, 1, 0], [0, 0, 0], [0, 0, 7]])
    picture = confusion_picture(confusion, ["a", "b", "c"])
    shares = np.array([[0.75, 0.25, 0], [0, 0, 0], [0, 0, 1]])
    for row in range(3):
        for column in range(3):
            expected = 255 - shares[row, column] * (255 - np.array(SHARE))
            np.testing.assert_allclose(cell_at(picture, row, column, 3), expected, atol=1)


def test_of_many_classes_nothing_is_written():
    picture = confusion_picture(np.diag(np.arange(40) + 1), [str(label) for label in range(40)])
    colors = np.unique(picture.reshape(-1, 3), axis=0)
    assert {tuple(color) for color in colors.tolist()} == {(255, 255, 255), SHARE}
    assert (cell_at(picture, 39, 39, 40, 720 // 40) == SHARE).all()
