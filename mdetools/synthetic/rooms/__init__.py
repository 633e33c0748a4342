"""Furnished rooms."""

from mdetools.synthetic.rooms.classes import ROOM_CLASSES, ROOM_TYPES
from mdetools.synthetic.rooms.room import Room, sample_room
from mdetools.synthetic.rooms.viewpoints import sample_camera

__all__ = ["ROOM_CLASSES", "ROOM_TYPES", "Room", "sample_camera", "sample_room"]
