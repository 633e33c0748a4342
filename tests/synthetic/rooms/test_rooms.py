import numpy as np

from mdetools.synthetic.raycast.photo import photograph
from mdetools.synthetic.rooms.room import sample_room
from mdetools.synthetic.rooms.viewpoints import MIN_DEPTH, sample_camera


def test_rooms_are_closed_varied_and_well_exposed():
    medians, nearest, means = [], [], []
    for seed in range(12):
        rng = np.random.default_rng([7, seed])
        room = sample_room(rng)
        camera = sample_camera(room, rng, 60, 80)
        image, hits = photograph(room.scene, camera, 60, 80, rng)
        assert (hits.part >= 0).all()  # no ray leaves a room
        assert len(np.unique(hits.part)) >= 4
        medians.append(np.median(hits.t))
        nearest.append(np.quantile(hits.t, 0.05))
        means.append(image.mean())
    assert min(nearest) > MIN_DEPTH
    assert np.ptp(medians) > 2
    assert min(means) > 50
    assert max(means) < 215
