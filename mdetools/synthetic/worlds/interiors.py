"""Furnished rooms, some untidy: as people photograph them, from anywhere, looking down, or over what stands near."""

from collections.abc import Callable

import numpy as np

from mdetools.synthetic.raycast.camera import Camera, upright_rotation
from mdetools.synthetic.rooms.kitchen import furnish_kitchen
from mdetools.synthetic.rooms.room import Room
from mdetools.synthetic.worlds.lenses import Lens, sample_lens
from mdetools.synthetic.worlds.untidy import sample_untidy_room
from mdetools.synthetic.worlds.view import View, probe

__all__ = ["sample_interior", "sample_looking_down", "sample_over_furniture"]

TRIES = 12
USUAL = 0.6  # share of an interior's views by a usual camera at the height of a head, aimed slightly down
KITCHENS = 0.5  # share of the rooms that are looked down upon
NEAREST = 0.25  # metres, but for two per cent of the picture
MOST_OF_ONE = 0.6  # share of the picture that one part may fill


def sample_interior(rng: np.random.Generator, area: int) -> View:
    """Draws a room and a camera in it that sees several things, none from too near."""
    room = sample_untidy_room(rng)
    usual = rng.uniform() < USUAL
    lens = sample_lens(rng, area, wide=0.0, fov=(50, 80)) if usual else sample_lens(rng, area, wide=0.1, fov=(42, 95))

    def camera() -> Camera:
        eye = np.array([*rng.uniform(0.2, np.array(room.size[:2]) - 0.2), _height(rng, room, usual)])
        away = np.array(room.size[:2]) * rng.uniform(0.1, 0.9, 2) - eye[:2]
        pitch = rng.normal(-0.3, 0.14) if usual else rng.normal(-0.1 - 0.2 * (eye[2] - 0.8), 0.2)
        rotation = upright_rotation(np.arctan2(away[1], away[0]), pitch, rng.normal(0, 0.03 if usual else 0.07))
        return lens.camera(rotation, eye)

    return _best_view(room, lens, camera)


def sample_looking_down(rng: np.random.Generator, area: int) -> View:
    """Draws a room and a camera at the height of a head that looks down, mostly at a piece of furniture near by."""
    room = sample_untidy_room(rng, furnish_kitchen if rng.uniform() < KITCHENS else None)
    lens = sample_lens(rng, area, wide=0.0, fov=(50, 75))

    def camera() -> Camera:
        ground = np.array(room.size[:2])
        eye = np.array([*rng.uniform(0.2, ground - 0.2), np.clip(rng.normal(1.55, 0.2), 1.1, room.size[2] - 0.2)])
        yaw, pitch = rng.uniform(0, 2 * np.pi), rng.normal(-0.6, 0.18)
        if room.footprints and rng.uniform() < 0.8:
            x0, y0, x1, y1, height = room.footprints[int(rng.integers(len(room.footprints)))]
            target = rng.uniform((x0, y0), (x1, y1))
            away = target - eye[:2]
            away *= rng.uniform(0.8, 2.4) / np.linalg.norm(away)  # metres from the camera to it, on the floor
            eye[:2] = np.clip(target - away, 0.15, ground - 0.15)
            fall = eye[2] - height * rng.uniform(0.2, 1)
            yaw = np.arctan2(away[1], away[0]) + rng.normal(0, 0.25)
            pitch = -np.arctan2(fall, np.linalg.norm(target - eye[:2]) + 0.3)
        return lens.camera(upright_rotation(yaw, np.clip(pitch, -1.05, -0.25), rng.normal(0, 0.11)), eye)

    return _best_view(room, lens, camera)


def sample_over_furniture(rng: np.random.Generator, area: int) -> View:
    """Draws a room and a camera close behind a piece of furniture, which looks over it into the room and slightly down.

    What is nearest fills a lower part of the picture and is cut off by its edge.
    """
    room = sample_untidy_room(rng, furnish_kitchen if rng.uniform() < KITCHENS else None)
    lens = sample_lens(rng, area, wide=0.0, fov=(48, 78))
    ground = np.array(room.size[:2])
    footprints = room.footprints or [(0.0, 0.0, *ground, 0.0)]

    def camera() -> Camera:
        x0, y0, x1, y1, height = footprints[int(rng.integers(len(footprints)))]
        target = rng.uniform((x0, y0), (x1, y1))
        inwards = ground / 2 - target
        yaw = np.arctan2(inwards[1], inwards[0]) + rng.normal(0, 0.9)
        away = np.array([np.cos(yaw), np.sin(yaw)]) * np.exp(rng.uniform(np.log(0.35), np.log(1.6)))  # metres
        high = np.clip(max(height + rng.uniform(0.15, 0.9), rng.normal(1.3, 0.2)), 0.5, room.size[2] - 0.15)
        pitch = np.clip(rng.normal(-0.4, 0.16), -0.95, -0.05)
        eye = np.array([*np.clip(target - away, 0.15, ground - 0.15), high])
        return lens.camera(upright_rotation(yaw + rng.normal(0, 0.45), pitch, rng.normal(0, 0.1)), eye)

    return _best_view(room, lens, camera)


def _best_view(room: Room, lens: Lens, draw_camera: Callable[[], Camera]) -> View:
    """The first of some views that shows several things, or the best of them."""
    best, best_score = None, -np.inf
    for _ in range(TRIES):
        view = View(room.scene, draw_camera(), (lens.height, lens.width))
        rays = probe(view)
        near = np.quantile(rays.depth, 0.02)
        filled = np.bincount(rays.part[rays.part >= 0]).max() / rays.part.size
        score = min(len(np.unique(rays.part)), 8) - 20 * max(NEAREST - near, 0) - 20 * max(filled - MOST_OF_ONE, 0)
        if score > best_score:
            best, best_score = view, score
        if score >= 6:
            break
    return best


def _height(rng: np.random.Generator, room: Room, usual: bool) -> float:
    """Of the camera, metres."""
    highest = min(2.2, room.size[2] - 0.2)
    return float(np.clip(rng.normal(1.35, 0.2), 0.8, highest) if usual else rng.uniform(0.3, highest))
