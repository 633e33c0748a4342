"""Cameras that cannot be."""

import numpy as np

from mdetools.datasets.doctor.counts import part_of
from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split
from mdetools.layouts.nyu import resized_nyu_intrinsics

__all__ = ["check"]

FOCAL = (0.2, 20.0)  # image widths; the widest lens without distortion has 0.25, a long telephoto lens 15
ASPECT = 1.5  # of fx and fy
SWAPPED = 0.1  # of the sides, in sum: how far from the middle a principal point is, which a swap brings nearer
OFF_CENTRE = 0.2  # of a side; a crop may move the principal point


def check(split: Split) -> list[Finding]:
    """A line per kind of camera that does not fit its image."""
    kinds: dict[str, list[tuple[dict, str]]] = {}
    for record in split.having("camera"):
        if is_assumed(record["camera"], *record["shape"]):
            continue
        for kind, found in faults(record["camera"], *record["shape"]):
            kinds.setdefault(kind, []).append((record, found))
    return [
        Finding(
            "intrinsics",
            "warning",
            f"{part_of(records, split.readable, 'cameras have')} {kind}, e.g. {records[0][0]['id']}: "
            f"{records[0][1]}; give the intrinsics in pixels of the image as it is stored",
            [record["id"] for record, _ in records],
        )
        for kind, records in kinds.items()
    ]


def is_assumed(camera: list[float], height: int, width: int) -> bool:
    """Whether this is the NYU camera that is taken where files have none: it fits no image of another aspect well."""
    matrix = resized_nyu_intrinsics(height, width)
    return bool(np.allclose(camera, [matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2]], rtol=1e-4))


def faults(camera: list[float], height: int, width: int) -> list[tuple[str, str]]:
    """What is wrong with (fx, fy, cx, cy) of an image: the kind, and the numbers."""
    fx, fy, cx, cy = camera
    size = f"in an image of {width}x{height}"
    found = []
    if not FOCAL[0] * width <= fx <= FOCAL[1] * width:
        expected = f"{FOCAL[0] * width:.0f}..{FOCAL[1] * width:.0f}"
        found.append(("an impossible focal length", f"fx is {fx:.5g}, expected {expected} {size}"))
    elif not 1 / ASPECT <= fx / fy <= ASPECT:
        found.append(("focal lengths far apart", f"fx is {fx:.5g} and fy {fy:.5g}, expected nearly the same"))
    swapped = abs(cy / width - 0.5) + abs(cx / height - 0.5)
    if swapped < SWAPPED < abs(cx / width - 0.5) + abs(cy / height - 0.5):
        found.append(("cx and cy swapped", f"({cx:.5g}, {cy:.5g}) {size}"))
    elif not (0 < cx < width and 0 < cy < height):
        found.append(("the principal point outside of the image", f"({cx:.5g}, {cy:.5g}) {size}"))
    elif abs(cx / width - 0.5) > OFF_CENTRE or abs(cy / height - 0.5) > OFF_CENTRE:
        found.append(
            ("the principal point far from the middle, as of another resolution", f"({cx:.5g}, {cy:.5g}) {size}")
        )
    return found
