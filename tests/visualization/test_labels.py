import numpy as np
import pytest

from mdetools.visualization import class_palette
from mdetools.visualization.canvas import text_size
from mdetools.visualization.labels import draw_legend, lab_of, label_picture, wrong_picture


def lab(color):
    """CIELAB of an sRGB colour in 0..255, by the standard's formulas, white D65."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in np.asarray(color) / 255]
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    xyz = np.dot(to_xyz, linear) / [0.95047, 1, 1.08883]
    x, y, z = (v ** (1 / 3) if v > (6 / 29) ** 3 else v / (3 * (6 / 29) ** 2) + 4 / 29 for v in xyz)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize(("count", "apart"), [(8, 50), (20, 32), (40, 24), (150, 12), (255, 10)])
def test_the_colours_of_classes_are_far_apart_and_far_from_grey(count, apart):
    colors = np.array([lab(color) for color in [*class_palette()[:count], (128, 128, 128)]])
    distance = np.linalg.norm(colors[:, None] - colors, axis=-1) + 1000 * np.eye(len(colors))
    assert distance.min() > apart
    np.testing.assert_allclose(lab_of([class_palette()[5]])[0], colors[5] if count > 5 else 0, atol=0.1)


def test_the_colours_are_the_same_in_every_run():
    assert class_palette()[:4].tolist() == [[64, 255, 159], [223, 191, 32], [159, 0, 0], [223, 128, 255]]
    assert class_palette()[255].tolist() == [128, 128, 128]


def test_each_class_has_its_colour_and_what_is_unknown_is_grey():
    labels, known = np.array([[0, 3], [254, 258]]), np.array([[True, True], [True, False]])
    picture = label_picture(labels, known, (4, 4))
    table = class_palette()
    for row, col, color in ((0, 0, table[0]), (1, 3, table[3]), (2, 1, table[254]), (3, 3, [128] * 3)):
        assert picture[row, col].tolist() == list(color)
    assert np.array_equal(label_picture(labels, known | True, (2, 2))[1, 1], table[3])  # 258 - 255


def test_wrong_pixels_are_red_right_ones_pale_and_unknown_ones_grey():
    image = np.full((2, 4, 3), 90, np.uint8)
    wrong, known = np.zeros((2, 4), bool), np.ones((2, 4), bool)
    wrong[:, 0], wrong[0, 2], known[:, 3] = True, True, False
    picture = wrong_picture(image, wrong, known, (2, 4))
    pale = 255 - (255 - 90) // 3
    assert picture[0, 0].tolist() == [220, 20, 20] and picture[0, 1].tolist() == [pale] * 3
    assert picture[0, 3].tolist() == [128] * 3
    half = wrong_picture(image, wrong, known, (1, 2))[0]
    np.testing.assert_allclose(half[0], (np.array([220, 20, 20]) + pale) / 2, atol=1)
    np.testing.assert_allclose(half[1], (np.array([220, 20, 20]) + pale) / 2, atol=1)  # of the two known pixels


def test_a_legend_shows_the_classes_that_occur_the_most_frequent_if_there_are_too_many():
    table = class_palette()
    legend = draw_legend(np.array([7, 2, 2, 40]), 240, 10)
    assert legend.shape[0] == 260
    assert [legend[10 + 20 * row + 5, 5].tolist() for row in range(4)] == [*table[[2, 7, 40]].tolist(), [255] * 3]
    crowded = draw_legend(np.repeat(np.arange(30), np.arange(30) + 1), 60, 10)
    assert [crowded[10 + 20 * row + 5, 5].tolist() for row in range(3)] == table[[27, 28, 29]].tolist()
    assert draw_legend(np.zeros(0, int), 60, 10).shape[0] == 80


def test_a_legend_has_the_names_of_classes_where_there_are_some():
    labels = np.array([0, 1, 2])
    numbers, named = draw_legend(labels, 100, 10), draw_legend(labels, 100, 10, ["wall", "floor of stone"])
    assert named.shape[1] == 14 + 5 + text_size("floor of stone")[0] + 2 > numbers.shape[1]
    rows = slice(10 + 2 * 20, None)  # the third class has no name
    assert np.array_equal(named[rows, : numbers.shape[1]], numbers[rows])
    assert not np.array_equal(named[:50, : numbers.shape[1]], numbers[:50])
