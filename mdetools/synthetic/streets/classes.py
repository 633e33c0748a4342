"""What is told apart in streets: the classes of their pixels, and the types of streets."""

__all__ = ["STREET_CLASSES", "STREET_TYPES"]

# Those of Cityscapes that there are, by its names and in its order of training ids (Cordts et al., CVPR 2016). As
# there, a tree's trunk and a hedge are vegetation, and bins and switch boxes (its "static") are of no class.
STREET_CLASSES = (
    "road",
    "sidewalk",
    "building",
    "wall",
    "fence",  # guard rails too
    "pole",
    "traffic sign",
    "vegetation",
    "terrain",
    "sky",
    "person",
    "car",
    "truck",  # vans too
)

STREET_TYPES = ("country", "suburb", "town")
