"""The z-buffer of points, and the way on which a viewpoint swings past them."""

import numpy as np
import pytest

from mdetools.geometry import back_project
from mdetools.visualization import render_points, turning_frames
from mdetools.visualization.turning import rotation

CAMERA = np.array([[40.0, 0, 15.5], [0, 40, 11.5], [0, 0, 1]])
SIZE = (24, 32)
DARK = (32, 34, 38)


def scene(seed=0):
    """A slanted plane with a colour of its own in each pixel."""
    rng = np.random.default_rng(seed)
    depth = np.linspace(2, 3, SIZE[1])[None].repeat(SIZE[0], 0)
    return back_project(depth, CAMERA).reshape(-1, 3), rng.integers(0, 255, (np.prod(SIZE), 3), dtype=np.uint8)


def test_seen_from_where_it_was_taken_a_cloud_is_its_picture():
    points, colors = scene()
    np.testing.assert_array_equal(render_points(points, colors, CAMERA, SIZE), colors.reshape(*SIZE, 3))


def test_what_a_loop_over_points_and_their_neighbours_draws():
    rng = np.random.default_rng(1)
    points = np.column_stack([rng.uniform(-1, 1, (60, 2)), rng.choice([1.0, 1.01, 2.0, -1.0], 60)])
    colors = rng.integers(0, 255, (60, 3), dtype=np.uint8)
    cover = {}  # the nearest point of the nine pixels, later ones before earlier ones at the same depth
    own = {}
    for number, (x, y, z) in enumerate(points):
        if z <= 0:
            continue
        column, row = round(40 * x / z + 15.5), round(40 * y / z + 11.5)
        if not (0 <= row < SIZE[0] and 0 <= column < SIZE[1]):
            continue
        for place in [(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]:
            if place not in cover or z <= points[cover[place], 2]:
                cover[place] = number
        if (row, column) not in own or z <= points[own[row, column], 2]:
            own[row, column] = number
    expected = np.full((*SIZE, 3), DARK, np.uint8)
    for (row, column), number in cover.items():
        if 0 <= row < SIZE[0] and 0 <= column < SIZE[1]:
            expected[row, column] = colors[number]
    for place, number in own.items():
        if points[number, 2] <= 1.02 * points[cover[place], 2]:
            expected[place] = colors[number]
    drawn = render_points(points, colors, CAMERA, SIZE)
    np.testing.assert_array_equal(drawn, expected)
    assert 0.2 < (drawn == DARK).all(-1).mean() < 0.9


def test_a_rotation_turns_the_front_to_the_right_and_up():
    """By Rodrigues' formula about the two axes, one after the other."""
    for sideways, upwards in ((0, 0), (18, 0), (0, 6), (-12, 4)):
        expected = np.eye(3)
        for axis, angle in (((0, 1, 0), sideways), ((1, 0, 0), upwards)):
            cross = np.cross(np.eye(3), axis).T * -1
            radians = np.radians(angle)
            turn = np.eye(3) + np.sin(radians) * cross + (1 - np.cos(radians)) * cross @ cross
            expected = turn @ expected
        np.testing.assert_allclose(rotation(sideways, upwards), expected, atol=1e-12)
    assert rotation(18, 0) @ [0, 0, 1] == pytest.approx([np.sin(np.radians(18)), 0, np.cos(np.radians(18))])


def test_the_middle_stays_in_its_place_and_the_frames_go_round():
    rng = np.random.default_rng(2)
    around = rng.uniform(-0.5, 0.5, (200, 3)) + [0, 0, 2]
    middle = np.median(np.vstack([around, [0, 0, 2]]), axis=0)
    points = np.vstack([around, [middle]])
    colors = np.vstack([np.full((200, 3), 250, np.uint8), [[255, 0, 0]]])
    alone = turning_frames(np.vstack([points[-1:]] * 3), colors[[-1] * 3], CAMERA, SIZE, 8)
    for frame in alone:  # of a cloud in one point all views are the same
        np.testing.assert_array_equal(frame, alone[0])
    plane, shades = scene()
    frames = turning_frames(plane, shades, CAMERA, SIZE, 8)
    assert len(frames) == 8 and all(frame.shape == (*SIZE, 3) for frame in frames)
    centre = np.median(plane, axis=0)
    for number, frame in enumerate(frames):
        angle = 2 * np.pi * number / 8
        turned = (plane - centre) @ rotation(18 * np.sin(angle), 6 * np.cos(angle)).T + centre
        np.testing.assert_array_equal(
            frame, render_points(turned, shades, CAMERA * [[0.9, 0.9, 1], [0.9, 0.9, 1], [1, 1, 1]], SIZE)
        )
