"""What is told apart in rooms: the classes of their pixels, and the types of rooms."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from mdetools.synthetic.rooms.furniture import bed, desk, shelf, sofa, television, wardrobe
from mdetools.synthetic.rooms.kitchen import furnish_kitchen
from mdetools.synthetic.rooms.room import Furnisher, furnish
from mdetools.synthetic.rooms.small_furniture import cartons, chair, floor_lamp, plant, table, toy

__all__ = ["ROOM_CLASSES", "ROOM_TYPES"]

ROOM_CLASSES = (
    "wall",  # with its skirting board
    "floor",  # with rugs
    "ceiling",
    "door",
    "window",  # with curtains and a radiator below
    "picture",
    "bed",
    "sofa",
    "chair",
    "table",  # desks too
    "cabinet",  # wardrobes, shelves, kitchen counters
    "lamp",
    "plant",
    "object",  # what stands on furniture or lies about: books, cups, screens, cartons, toys
)

ROOM_TYPES: Mapping[str, Furnisher] = MappingProxyType(
    {
        "bedroom": partial(
            furnish, against_wall=(bed, bed, wardrobe, wardrobe, shelf, chair), free_standing=(chair, floor_lamp, toy)
        ),
        "kitchen": furnish_kitchen,
        "living_room": partial(
            furnish,
            against_wall=(sofa, sofa, television, shelf, shelf),
            free_standing=(table, table, sofa, floor_lamp, plant),
        ),
        "office": partial(
            furnish, against_wall=(desk, desk, desk, shelf, wardrobe), free_standing=(table, chair, plant, cartons)
        ),
    }
)
