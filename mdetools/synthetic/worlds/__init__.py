"""Worlds of many kinds, for depth that is to work anywhere: rooms, close-ups, streets, open ground."""

from mdetools.synthetic.worlds.finish import photograph_view
from mdetools.synthetic.worlds.view import View
from mdetools.synthetic.worlds.world import KINDS, SHARES, sample_view

__all__ = ["KINDS", "SHARES", "View", "photograph_view", "sample_view"]
