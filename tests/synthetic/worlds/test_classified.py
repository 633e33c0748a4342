"""What a class stands for is checked against the geometry of what is seen, in float64, and against colours."""

import cv2
import numpy as np
import pytest
from scipy import stats

from mdetools.synthetic.raycast.photo import cast_samples
from mdetools.synthetic.worlds.classified import TASKS
from mdetools.synthetic.worlds.colored import HUES
from mdetools.synthetic.worlds.finish import photograph_view
from mdetools.synthetic.worlds.walls import LAYOUTS, sample_walls

SIZE = (48, 64)
# Signs by which the left and the right wall come nearer towards the outside of the picture, and which is in front.
EXPECTED = {
    "flat": (0, 0, 0),
    "inner_corner": (1, 1, 0),
    "outer_corner": (-1, -1, 0),
    "leads_left": (-1, 1, 0),
    "leads_right": (1, -1, 0),
    "left_in_front": (0, 0, 1),
    "right_in_front": (0, 0, -1),
}


def walls_at_eye_level(layout, seed):
    """Of the left and the right wall, along the picture's row at eye level: tangents X/Y of the rays, and 1/Y."""
    view = sample_walls(np.random.default_rng(seed), SIZE, layout)
    samples = cast_samples(view.scene, view.camera, *SIZE)
    intrinsics, rotation = view.camera.intrinsics.astype(float), view.camera.rotation.astype(float)
    pitch = np.arcsin(rotation[2, 2])
    row = max(round(intrinsics[1, 2] + intrinsics[1, 1] * np.tan(pitch)), 0)
    columns = np.arange(SIZE[1])
    away = (columns - intrinsics[0, 2]) / intrinsics[0, 0], (row - intrinsics[1, 2]) / intrinsics[1, 1]
    directions = rotation @ np.stack([away[0], np.full(SIZE[1], away[1]), np.ones(SIZE[1])])
    depth = samples.in_rows(samples.t).reshape(SIZE)[row].astype(float)
    part = samples.in_rows(samples.nearest).reshape(SIZE)[row]
    x, y, _ = directions * depth
    last = len(view.scene.parts)
    return [(x[part == wall] / y[part == wall], 1 / y[part == wall]) for wall in (last - 2, last - 1)]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", range(5))
def test_walls_stand_as_their_class_says(layout, seed):
    """Along a row the inverse distance of a wall is linear in the ray's tangent: its turn follows from the slope."""
    signs, nearness = [], []
    (left, _), (right, _) = walls = walls_at_eye_level(layout, seed)
    assert min(len(left), len(right)) > 8
    edge = (left.max() + right.min()) / 2
    assert left.max() < right.min()
    for side, (tangent, inverse) in zip((-1, 1), walls, strict=True):
        slope, offset = np.polyfit(tangent, inverse, 1)
        np.testing.assert_allclose(slope * tangent + offset, inverse, rtol=1e-3)
        at_edge = slope * edge + offset
        turn = np.degrees(np.arctan(side * slope / (at_edge - slope * edge)))  # towards us, outwards
        assert abs(turn) < 7 or 27 < abs(turn) < 51
        signs.append(int(np.sign(turn)) if abs(turn) > 20 else 0)
        nearness.append(at_edge)
    ratio = nearness[0] / nearness[1]
    assert 0.9 < ratio < 1.1 or max(ratio, 1 / ratio) > 1.4
    assert (*signs, int(np.sign(ratio - 1)) if not 0.9 < ratio < 1.1 else 0) == EXPECTED[layout]


def test_colours_say_nothing_about_how_walls_stand():
    """The frames' mean and spread of each channel have the same means in all classes, by an analysis of variance."""
    found = {}
    for index, layout in enumerate(LAYOUTS):
        frames = []
        for seed in range(30):
            rng = np.random.default_rng([index, seed])
            image, _ = photograph_view(sample_walls(rng, (24, 32), layout), rng)
            frames.append([*image.mean(axis=(0, 1)), *image.std(axis=(0, 1))])
        found[layout] = np.array(frames)
    for column in range(6):
        assert stats.f_oneway(*(frames[:, column] for frames in found.values())).pvalue > 0.01
    assert stats.f_oneway(*(frames[:, 0] + 40 * index for index, frames in enumerate(found.values()))).pvalue < 0.01


def test_the_colour_is_that_of_the_class():
    right = total = 0
    for name in HUES:
        for seed in range(8):
            rng = np.random.default_rng([7, seed])
            image, _ = photograph_view(TASKS["colours"].sample(rng, SIZE, name), rng)
            hue, saturation, value = cv2.cvtColor(image, cv2.COLOR_RGB2HSV).reshape(-1, 3).T.astype(float)
            colorful = (saturation > 110) & (value > 40)
            mean = np.exp(2j * np.pi * hue[colorful] / 180).sum()
            nearest = max(HUES, key=lambda other: (mean * np.exp(-2j * np.pi * HUES[other])).real)
            right, total = right + (nearest == name), total + 1
    assert right >= 0.9 * total


def test_classes_are_sorted_as_folders_are():
    assert {name: list(task.classes) for name, task in TASKS.items()} == {
        "layouts": sorted(EXPECTED),
        "colours": ["blue", "cyan", "green", "purple", "red", "yellow"],
    }
