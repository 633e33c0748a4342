"""Furnished rooms."""

from mdetools.synthetic.rooms.room import Room, sample_room
from mdetools.synthetic.rooms.viewpoints import sample_camera

__all__ = ["Room", "sample_camera", "sample_room"]
