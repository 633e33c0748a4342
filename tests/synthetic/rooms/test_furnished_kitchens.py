import numpy as np
import pytest

from mdetools.synthetic.rooms import sample_room
from mdetools.synthetic.rooms.kitchen import DEPTH, furnish_kitchen


def counters(room):
    """Footprints of the rows of counters: those that are as deep as a counter and as high."""
    for x0, y0, x1, y1, height in room.footprints:
        if min(x1 - x0, y1 - y0) == pytest.approx(DEPTH, abs=1e-3) and height > 0.8:
            yield x0, y0, x1, y1


def test_counters_stand_along_the_walls_and_nothing_stands_in_anything():
    rows, chairs = [], 0
    for seed in range(30):
        room = sample_room(np.random.default_rng([11, seed]), furnish_kitchen)
        width, length, _ = room.size
        rows.append(len(list(counters(room))))
        for x0, y0, x1, y1 in counters(room):
            gaps = {"x": (x0, width - x1), "y": (y0, length - y1)}["x" if x1 - x0 < y1 - y0 else "y"]
            assert min(gaps) == pytest.approx(0.02, abs=1e-3)  # its back is at a wall
        for index, (x0, y0, x1, y1, height) in enumerate(room.footprints):
            assert x0 >= 0 <= y0
            assert x1 <= width
            assert y1 <= length
            chairs += max(x1 - x0, y1 - y0) < 0.8 < height
            for a0, b0, a1, b1, _ in room.footprints[:index]:
                assert x1 <= a0 or a1 <= x0 or y1 <= b0 or b1 <= y0
    assert min(rows) >= 1
    assert {2, 3} <= set(rows)
    assert chairs > 15


def test_a_kitchen_has_doors_of_one_front():
    room = sample_room(np.random.default_rng([11, 1]), furnish_kitchen)
    x0, y0, x1, y1 = max(counters(room), key=lambda row: (row[2] - row[0]) * (row[3] - row[1]))
    inside = [
        part
        for part in room.scene.parts
        if x0 < part.shape.position[0] < x1 and y0 < part.shape.position[1] < y1 and 0.3 < part.shape.position[2] < 0.7
    ]
    doors = [part for part in inside if min(getattr(part.shape, "half_size", (1,))) == pytest.approx(0.01)]
    assert len(doors) >= 2
    assert len({id(part.texture) for part in doors}) == 1
