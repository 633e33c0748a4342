import cv2
import numpy as np
import torch

from mdetools.geometry import crop_points, flip_points, resize_points, sample_at


def dot_at(x, y, size=(40, 60)):
    """A black image with one bright pixel."""
    image = np.zeros(size, np.float32)
    image[y, x] = 1
    return image


def centroid(image):
    y, x = np.indices(image.shape)
    return np.array([(x * image).sum(), (y * image).sum()]) / image.sum()


def test_points_follow_a_resize():
    for x, y in ((7, 3), (40, 31), (20, 20)):
        resized = cv2.resize(dot_at(x, y), (30, 80), interpolation=cv2.INTER_AREA)
        found = resize_points(np.float32([[[x, y]]]), 30 / 60, 80 / 40)
        np.testing.assert_allclose(found[0, 0], centroid(resized), atol=0.5)
    corners = np.float32([[-0.5, -0.5], [59.5, 39.5]])  # the image's outer corners stay its corners
    np.testing.assert_allclose(resize_points(corners, 2.5, 0.5), [[-0.5, -0.5], [149.5, 19.5]])
    assert found.dtype == np.float32


def test_points_follow_a_flip():
    np.testing.assert_array_equal(flip_points(np.float32([[[7, 3], [0, 0]]]), 60), [[[52, 3], [59, 0]]])


def test_entries_that_leave_the_crop_are_dropped():
    pairs = np.float32([[[10, 5], [12, 9]], [[10, 5], [30, 9]], [[9, 5], [12, 9]], [[19, 14], [10, 5]]])
    np.testing.assert_array_equal(crop_points(pairs, 10, 5, 10, 10), [[[0, 0], [2, 4]], [[9, 9], [0, 0]]])
    assert crop_points(pairs[:0], 0, 0, 4, 4).shape == (0, 2, 2)


def test_values_are_read_where_the_points_are_in_a_map_of_any_size():
    values = torch.arange(40 * 60.0).view(1, 40, 60)
    points = torch.tensor([[[7.0, 3.0], [59.0, 39.0]], [[float("nan"), 1.0], [0.2, 0.4]]])
    found = sample_at(values, points, (40, 60))[..., 0]
    assert found[0].tolist() == [3 * 60 + 7, 39 * 60 + 59] and found[1, 0].isnan() and found[1, 1] == 0
    doubled = torch.nn.functional.interpolate(values[None], scale_factor=2, mode="nearest")[0]
    torch.testing.assert_close(sample_at(doubled, points, (40, 60))[..., 0], found, equal_nan=True)
