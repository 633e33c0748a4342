"""Point pairs in the format of DA-2K: a JSON file for all images."""

import json
import math
from pathlib import Path

import numpy as np

from mdetools.datasets.point_pairs.frames import PairedImage
from mdetools.errors import UserError, one_line
from mdetools.reading import read_bytes

__all__ = ["read_annotations"]

FORMAT = '{"images/<scene>/<name>.jpg": [{"point1": [row, column], "point2": [row, column], "closer_point": "point1"}]}'
POINTS = ("point1", "point2")


def read_annotations(path: Path) -> list[PairedImage]:
    """The images of an annotation file in its order, each with its pairs.

    Args:
        path: of a JSON file in DA-2K's format. Its points are (row, column) in pixels of the original image, and
            `closer_point` names the closer one.

    Raises:
        UserError: if it cannot be read, or is not of this format: the first image and pair that are not are named.
    """
    text = read_bytes(path, f"JSON as {FORMAT}")
    try:
        content = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UserError(
            f"{path}: no readable JSON ({one_line(error, 100)}), expected {FORMAT}; copy it again"
        ) from error
    if not isinstance(content, dict) or not content:
        raise UserError(f"{path}: holds {one_line(content, 60)}, expected {FORMAT}; copy it again")
    return [annotated(image, pairs, path) for image, pairs in content.items()]


def annotated(image: str, pairs: object, path: Path) -> PairedImage:
    """One entry of the file."""
    place = f"{path}: {one_line(image, 200)}"
    if not isinstance(pairs, list):
        raise UserError(f"{place}: has {one_line(pairs, 60)}, expected a list of pairs as {FORMAT}; fix the entry")
    places = tuple(f"{place}: pair {number}" for number in range(1, len(pairs) + 1))
    points = [ordered(pair, of) for pair, of in zip(pairs, places, strict=True)]
    return PairedImage(image, np.array(points, np.float32).reshape(-1, 2, 2), places)


def ordered(pair: object, place: str) -> list[tuple[float, float]]:
    """The two points of a pair as (x, y), the closer one first."""
    pair = pair if isinstance(pair, dict) else {"": pair}
    for name in POINTS:
        point = pair.get(name)
        if not isinstance(point, list) or len(point) != 2 or not all(is_number(value) for value in point):
            raise UserError(f"{place}: {name} is {one_line(point, 60)}, expected [row, column] in pixels; fix the pair")
    closer = pair.get("closer_point")
    if closer not in POINTS:
        raise UserError(f"{place}: closer_point is {one_line(closer, 60)}, expected point1 or point2; fix the pair")
    farther = POINTS[1 - POINTS.index(closer)]
    return [(pair[name][1], pair[name][0]) for name in (closer, farther)]


def is_number(value: object) -> bool:
    """Whether a value of JSON is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
