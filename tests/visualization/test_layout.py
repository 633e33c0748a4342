import numpy as np

from mdetools.visualization.layout import Tile, compose


def picture(value):
    return np.full((50, 70, 3), value, np.uint8)


def test_rows_are_aligned_in_columns_with_bars_between():
    bar = np.full((70, 33, 3), 9, np.uint8)
    panel = compose([[Tile("", picture(1)), Tile("", picture(2))], [Tile("", picture(3), bar)], [Tile("", picture(4))]])
    second = 10 + 70 + 8 + 33 + 10  # behind the edge, the widest tile of the first column with its bar, and the space
    assert panel.shape == (10 + 3 * (26 + 50 + 20), second + 70 + 10, 3)
    expected = np.full_like(panel, 255)
    for value, row, left in ((1, 0, 10), (2, 0, second), (3, 1, 10), (4, 2, 10)):
        top = 36 + row * 96
        expected[top : top + 50, left : left + 70] = value
    expected[122:192, 88:121] = 9  # ten rows more than its picture at either end
    assert np.array_equal(panel, expected)


def test_a_title_stands_above_the_middle_of_its_tile():
    panel = compose([[Tile("", picture(0)), Tile("ab", picture(0))]])
    rows, cols = np.nonzero((panel[:36] < 200).all(-1))
    assert rows.min() >= 10 and rows.max() < 36
    assert abs((cols.min() + cols.max()) / 2 - (90 + 35)) <= 2


def test_a_title_wider_than_its_tile_keeps_clear_of_the_next():
    title = "a title that is wider than its tile"
    panel = compose([[Tile(title, picture(0)), Tile("b", picture(0))]])
    alone = compose([[Tile(title, picture(0))]])
    assert panel.shape[1] == alone.shape[1] + 10 + 70
    assert np.array_equal(panel[:36, : alone.shape[1]], alone[:36])
    assert (alone[:36, -10:] == 255).all()


def test_lines_below_a_picture_and_empty_places():
    panel = compose([[Tile("", picture(1)), Tile("", picture(2), caption=("ab", "c"))], [None, Tile("", picture(3))]])
    assert panel.shape == (10 + 2 * (26 + 50 + 20) + 2 * 18, 10 + 70 + 10 + 70 + 10, 3)
    assert (panel[36:86, 90:160] == 2).all() and (panel[168:218, 90:160] == 3).all()
    assert (panel[86:, :80] == 255).all()  # no tile below the first
    for top in (88, 106):  # a line of text each, in the middle
        rows, cols = np.nonzero((panel[top : top + 18, 81:] < 200).all(-1))
        assert rows.size and abs((cols.min() + cols.max()) / 2 + 81 - (90 + 35)) <= 3
