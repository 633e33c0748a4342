"""The model that comes with mdetools sees more than any fit that sees no image, on worlds that nobody has seen."""

import json

import numpy as np
import pytest
from safetensors.torch import load_file
from support.paths import REAL_DATA

from mdetools.apis import load
from mdetools.apis.published import DEFAULT_MODEL, shipped_models
from mdetools.synthetic.raycast.photo import photograph
from mdetools.synthetic.rooms import sample_camera, sample_room
from mdetools.synthetic.sensors.kitti_car import camera_at
from mdetools.synthetic.streets import sample_street
from mdetools.weights.published import read_published

SEED, FRAMES = 20_261_127, 6  # of no training: those have 2 and 3


@pytest.fixture(scope="module")
def tiny():
    return load(device="cpu")


def abs_rel(columns, depth, far):
    """Mean |d - d*| / d* of the least-squares fit of 1 / d* by columns (N, K) and a constant, in float64."""
    terms = np.column_stack([*columns, np.ones(len(depth))])
    disparity = terms @ np.linalg.lstsq(terms, 1 / depth, rcond=None)[0]
    return float(np.mean(np.abs(1 / np.maximum(disparity, 1 / far) - depth) / depth))


def ratio(model, frames, far):
    """Mean abs_rel of the model over the lowest of constant, row and plane."""
    scores = {name: [] for name in ("model", "constant", "row", "plane")}
    for image, depth in frames:
        known = (depth > 1e-3) & (depth < far)
        v, u = np.nonzero(known)
        truth, predicted = depth[known].astype(np.float64), model(image)[0].map[known].astype(np.float64)
        fits = {"model": [predicted], "constant": [], "row": [v], "plane": [v, u]}
        for name, columns in fits.items():
            scores[name].append(abs_rel(columns, truth, far))
    means = {name: np.mean(values) for name, values in scores.items()}
    return means.pop("model") / min(means.values())


def room(index):
    rng = np.random.default_rng([SEED, index])
    scene = sample_room(rng)
    image, hits = photograph(scene.scene, sample_camera(scene, rng, 120, 160), 120, 160, rng)
    return image.transpose(1, 2, 0), hits.t.reshape(120, 160)


def street(index):
    rng = np.random.default_rng([SEED, index])
    street = sample_street(rng, 1)
    image, hits = photograph(street.scene(0), camera_at(street.poses[0], 0, 120, 400), 120, 400, rng)
    return image.transpose(1, 2, 0), hits.t.reshape(120, 400)


@pytest.mark.parametrize(("draw", "far"), [(room, 10.0), (street, 80.0)])
def test_is_better_than_what_sees_no_image(tiny, draw, far):
    assert ratio(tiny, [draw(index) for index in range(FRAMES)], far) < 0.7


def test_what_is_nearer_has_more(tiny):
    """In sign and order: least squares would turn an inverted map over."""
    for index in range(FRAMES):
        image, depth = room(index)
        assert np.corrcoef(tiny(image)[0].map.ravel(), 1 / depth.ravel())[0, 1] > 0.5


def test_its_file_says_what_it_is():
    path = shipped_models()[DEFAULT_MODEL]
    header = read_published(path)
    assert path.stat().st_size < 10e6
    assert (header.name, header.quantity, header.licence) == (DEFAULT_MODEL, "inverse_depth", "Apache-2.0")
    assert {source["root"] for source in header.facts["trained_on"]} == {"data/worlds", "data/rooms"}
    assert sum(value.numel() for value in load_file(path).values()) < 5e6
    assert "/" not in json.dumps(header.model)  # no path of any machine


@pytest.mark.skipif(not REAL_DATA.is_dir(), reason="no real photographs beside the repository")
def test_real_photographs_of_rooms(tiny):
    import h5py

    frames = []
    for path in sorted(REAL_DATA.glob("nyu/val_nyu/nyu/*.h5")):
        with h5py.File(path) as file:
            frames.append((file["rgb"][()].transpose(1, 2, 0), file["depth"][()]))
    assert ratio(tiny, frames, 10.0) < 0.85
