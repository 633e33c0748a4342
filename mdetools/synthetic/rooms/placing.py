"""Where furniture stands in a room: the frames of its walls, and the floor that is taken."""

import numpy as np

from mdetools.synthetic.raycast.primitives import rotation_z
from mdetools.synthetic.raycast.scene import Part
from mdetools.synthetic.rooms.pieces import Piece

__all__ = ["Footprint", "place", "wall_frame", "wall_length"]

Footprint = tuple[float, float, float, float, float]  # x0, y0, x1, y1 and height of a piece of furniture, metres


def wall_length(size: tuple, wall: int) -> float:
    """Of a wall, metres."""
    return size[wall % 2]


def wall_frame(size: tuple, wall: int) -> tuple[np.ndarray, np.ndarray]:
    """Rotation and translation from a wall's frame (x along it, centred; y into the room) to the room's."""
    width, length, _ = size
    foot = [(width / 2, 0), (width, length / 2), (width / 2, length), (0, length / 2)][wall]
    return rotation_z(wall * np.pi / 2), np.array([*foot, 0], np.float32)


def place(
    piece: Piece, rotation: np.ndarray, position: np.ndarray, size: tuple, footprints: list[Footprint]
) -> list[Part]:
    """The piece's parts at that place, or nothing where it does not fit; notes the footprint."""
    w, d, h = piece.size
    corners = np.array([(-w / 2, 0, 0), (w / 2, 0, 0), (-w / 2, d, 0), (w / 2, d, 0)]) @ rotation.T + position
    (x0, y0), (x1, y1) = corners.min(axis=0)[:2], corners.max(axis=0)[:2]
    outside = x0 < 0 or y0 < 0 or x1 > size[0] or y1 > size[1]
    if outside or any(x0 < b[2] and b[0] < x1 and y0 < b[3] and b[1] < y1 for b in footprints):
        return []
    footprints.append((x0, y0, x1, y1, h))
    return [part.moved(rotation, position) for part in piece.parts]
