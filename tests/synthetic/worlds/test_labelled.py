"""What the classes say is checked against where the points lie, in float64."""

import numpy as np
import pytest

from mdetools.synthetic.raycast.camera import pixel_grid
from mdetools.synthetic.raycast.photo import cast_samples
from mdetools.synthetic.raycast.primitives import Plane
from mdetools.synthetic.rooms import ROOM_CLASSES, ROOM_TYPES, sample_camera, sample_room
from mdetools.synthetic.streets import STREET_CLASSES, STREET_TYPES, sample_street
from mdetools.synthetic.worlds.labelled import PLACES, semantic_map
from mdetools.synthetic.worlds.lenses import Lens
from mdetools.synthetic.worlds.view import View

SIZE = (48, 64)


def seen(view, place):
    """Points (H, W, 3) float64 in the world, depth (H, W), inf for the sky, and names (H, W) of the classes."""
    samples = cast_samples(view.scene, view.camera, *view.size)
    depth = samples.in_rows(samples.t).astype(np.float64)
    reach = np.where(np.isfinite(depth), depth, 0)
    u, v = pixel_grid(*view.size).astype(np.float64)
    intrinsics, rotation = view.camera.intrinsics.astype(np.float64), view.camera.rotation.astype(np.float64)
    x = (u - intrinsics[0, 2]) / intrinsics[0, 0] * reach
    y = (v - intrinsics[1, 2]) / intrinsics[1, 1] * reach
    points = np.stack([x, y, reach], axis=1) @ rotation.T + view.camera.position
    names = np.array([*place.classes, *[""] * (256 - len(place.classes))])
    return points.reshape(*view.size, 3), depth.reshape(view.size), names[semantic_map(view, samples, place)]


@pytest.mark.parametrize("seed", range(4))
def test_walls_floor_and_ceiling_lie_where_the_room_ends(seed):
    rng = np.random.default_rng(seed)
    room = sample_room(rng)
    points, _, names = seen(View(room.scene, sample_camera(room, rng, *SIZE), SIZE), PLACES["rooms"])
    x, y, z = np.moveaxis(points, 2, 0)
    width, length, height = room.size
    to_wall = np.min([x, width - x, y, length - y], axis=0)
    assert (names == "floor").any()
    assert z[names == "floor"].max() < 0.013  # a rug's thickness
    assert (z[names == "ceiling"] > height - 0.17).all()  # a beam's
    walls = [part for part in room.scene.parts if part.semantic == "wall" and isinstance(part.shape, Plane)]
    if len(walls) == 4:  # without the slope of a roof
        assert np.abs(to_wall[names == "wall"]).max() < 0.016  # a skirting board's
        bare = (np.abs(to_wall) < 1e-4) & (z > 0.2) & (z < height - 0.2)
        assert set(names[bare]) == {"wall"}
    else:
        assert len(walls) == 5


@pytest.mark.parametrize("seed", range(4))
def test_road_pavement_and_sky(seed):
    rng = np.random.default_rng(seed)
    street = sample_street(rng, 1)
    pose, plan = street.poses[0], street.plan
    view = View(street.scene(0), Lens(*SIZE, 50.0).camera(pose.rotation, pose.position), SIZE)
    points, depth, names = seen(view, PLACES["streets"])
    np.testing.assert_array_equal(names == "sky", np.isinf(depth))
    near = np.isfinite(depth) & (depth < 60)
    x, y, z = np.moveaxis(points, 2, 0)
    slope = plan.course.curvature * x
    offset = np.abs((y - slope * x / 2) / np.hypot(1, slope))
    ground = near & (np.abs(z) < 1e-3)
    clear = ground & (np.abs(offset - plan.half_width) > 0.05)
    flat = np.isin(names, ["road", "terrain"])
    np.testing.assert_array_equal(names[clear & flat] == "road", offset[clear & flat] < plan.half_width)
    assert (names[near] == "road").any()
    assert np.abs(z[near & flat]).max() < 1e-2
    pavement = near & (names == "sidewalk")
    assert z[pavement].max(initial=0) < 0.14
    assert offset[pavement].min(initial=plan.half_width) > plan.half_width - 0.2


@pytest.mark.parametrize(("kind", "tries"), [("rooms", 40), ("streets", 40)])
def test_every_class_and_type_is_seen(kind, tries):
    place, classes, types = PLACES[kind], set(), set()
    for seed in range(tries):
        view, name = place.sample(np.random.default_rng(seed), SIZE)
        classes |= set(np.unique(seen(view, place)[2]))
        types.add(name)
    assert classes - {""} == set(place.classes)
    assert types == set(place.types)


def test_names_are_those_of_the_places():
    assert PLACES["rooms"].classes == ROOM_CLASSES
    assert PLACES["rooms"].types == tuple(ROOM_TYPES)
    assert PLACES["streets"].classes == STREET_CLASSES
    assert PLACES["streets"].types == STREET_TYPES
    cityscapes = "road sidewalk building wall fence pole light sign vegetation terrain sky person rider car truck"
    order = [cityscapes.split().index(name.split()[-1]) for name in STREET_CLASSES]
    assert order == sorted(order)
