"""From what a depth file holds to metres along the optical axis."""

from collections.abc import Sequence
from math import isnan

import numpy as np

from mdetools.errors import UserError, one_line, suggest
from mdetools.geometry import distance_to_depth

__all__ = [
    "HOLES",
    "KINDS",
    "NEEDED_FOR",
    "RELATIVE",
    "RELATIVE_HOLES",
    "Hole",
    "check_holes",
    "check_sky",
    "depth_of_disparity",
    "sky_mask",
    "to_metres",
    "to_relative",
]

KINDS = ("depth", "distance", "inverse_depth", "disparity")
RELATIVE = "relative_inverse_depth"  # of unknown scale and shift: no kind that metres can be made of
NAMED_HOLES = ("max", "nan", "inf")
HOLES = (0, *NAMED_HOLES)
RELATIVE_HOLES = ("nan", "inf")  # 0 and the largest number are the farthest and the nearest pixel of a normalised map
NEEDED_FOR = {"intrinsics": ("distance", "disparity"), "baseline": ("disparity",)}

Hole = int | float | str


def to_metres(
    values: np.ndarray,
    kind: str = "depth",
    scale: float = 1.0,
    holes: Sequence[Hole] = HOLES,
    intrinsics: np.ndarray | None = None,
    baseline: float | None = None,
    path: str = "depth",
) -> np.ndarray:
    """Depth in metres of what a file holds.

    >>> to_metres(np.array([[500, 0, 65535]], np.uint16), scale=1000).tolist()
    [[0.5, 0.0, 0.0]]

    Args:
        values: (H, W), numbers of any type.
        kind: what they are: `depth` along the optical axis, `distance` from the camera's centre, `inverse_depth`, or
            `disparity` of a rectified pair, in pixels of this map.
        scale: what they are multiplied by in the file: its units per metre, per 1/metre or per pixel.
        holes: values that stand for "not measured", as they are in the file: numbers, `max` (the largest of an integer
            type), `nan`, `inf` (of either sign). 0 is a hole in `inverse_depth` and in `disparity` always: it is
            infinitely far.
        intrinsics: (3, 3), pixels of this map; for `distance` and `disparity`.
        baseline: metres, for `disparity`.
        path: of the file, for errors.

    Returns:
        float32 (H, W), 0 in holes. Values that are neither holes nor depth (negative ones, NaN that `holes` lacks) stay
        what they are, for `check_depth` to name.

    Raises:
        UserError: if the camera or the baseline is missing.
    """
    for name, given in (("intrinsics", intrinsics), ("baseline", baseline)):
        if kind in NEEDED_FOR[name] and given is None:
            raise UserError(f"{path}: depth_kind '{kind}' needs the {name}, and there are none; set {name}=...")
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        # NumPy 1 would take the type of a scalar by its value, and leave float16 and uint8 in float16.
        metres = np.divide(values, np.float32(scale), dtype=np.result_type(values.dtype, np.float32))
        if kind == "distance":
            metres = distance_to_depth(metres, intrinsics)
        elif kind != "depth":
            metres = depth_of_disparity(metres, 1.0 if kind == "inverse_depth" else intrinsics[0, 0] * baseline)
        metres = metres.astype(np.float32, copy=False)
    metres[hole_mask(values, holes)] = 0
    return metres


def to_relative(values: np.ndarray, scale: float = 1.0, holes: Sequence[Hole] = RELATIVE_HOLES) -> np.ndarray:
    """Inverse depth of unknown scale and shift, of what a file holds.

    >>> to_relative(np.array([[0, 65535]], np.uint16), scale=65535).tolist()
    [[0.0, 1.0]]

    Args:
        values: (H, W), numbers of any type, larger where nearer.
        scale: what they are divided by.
        holes: values that stand for "not measured", see `to_metres`.

    Returns:
        float32 (H, W), NaN in holes; what float32 does not hold is infinite.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        relative = np.divide(values, np.float32(scale), dtype=np.result_type(values.dtype, np.float32))
        relative = relative.astype(np.float32, copy=False)
    relative[hole_mask(values, holes)] = np.nan
    return relative


def depth_of_disparity(disparity: np.ndarray, focal_baseline: float) -> np.ndarray:
    """Depth (H, W) in metres of a disparity in pixels, 0 where that is 0; infinite beyond what its type holds.

    Args:
        disparity: (H, W), floating point.
        focal_baseline: pixels x metres; its type counts for the precision of the division.
    """
    with np.errstate(over="ignore"):
        return np.divide(focal_baseline, disparity, out=np.zeros_like(disparity), where=disparity != 0)


def hole_mask(values: np.ndarray, holes: Sequence[Hole]) -> np.ndarray:
    """Which values (H, W) are holes, bool (H, W)."""
    mask = np.zeros(values.shape, bool)
    for hole in holes:
        mask |= is_hole(values, hole)
    return mask


def sky_mask(values: np.ndarray, sky: Hole) -> np.ndarray:
    """Which values (H, W), as they are in the file, stand for sky, bool (H, W).

    >>> sky_mask(np.array([[2.0, np.inf, -np.inf]]), "inf").tolist()
    [[False, True, False]]

    Args:
        values: numbers of any type.
        sky: a hole, see `to_metres`; `inf` is the positive one alone.
    """
    return hole_mask(values, [sky]) & (values >= 0 if sky == "inf" else True)


def is_hole(values: np.ndarray, hole: Hole) -> np.ndarray | bool:
    """Which values are this hole."""
    integers = values.dtype.kind in "ui"
    if hole == "max":
        return values == np.iinfo(values.dtype).max if integers else False
    if hole in ("nan", "inf") or isnan(hole):
        return False if integers else {"inf": np.isinf}.get(hole, np.isnan)(values)
    with np.errstate(over="ignore"):
        return values == hole if integers else values == values.dtype.type(hole)


def check_holes(holes: Sequence[Hole]) -> None:
    """Checks the option.

    Raises:
        UserError: if it is no list, or something in it is neither a number nor one of the names.
    """
    is_list = isinstance(holes, Sequence) and not isinstance(holes, str)
    for hole in holes if is_list else [holes]:
        number = isinstance(hole, int | float) and not isinstance(hole, bool)
        known = number or hole in NAMED_HOLES
        if not is_list or not known:
            cure = f"write holes=[{hole!r}]" if known else suggest(hole, NAMED_HOLES)
            raise UserError(
                f"holes has '{one_line(hole, 80)}', expected a list of numbers and of {', '.join(NAMED_HOLES)}; {cure}"
            )


def check_sky(sky: Hole | None, kind: str) -> None:
    """Checks the option; None is right.

    Raises:
        UserError: if it is neither a number nor the name of a hole, or the kind of depth is relative.
    """
    if sky is None:
        return
    if isinstance(sky, bool) or not (isinstance(sky, int | float) or sky in NAMED_HOLES):
        raise UserError(
            f"sky is {one_line(repr(sky), 80)}, expected the value that stands for sky, as a number or one of "
            f"{', '.join(NAMED_HOLES)}; {suggest(str(sky), NAMED_HOLES)}"
        )
    if kind == RELATIVE:
        raise UserError(
            f"sky is {sky} and depth_kind '{kind}', whose sky has a value of its own, expected metres or disparity for "
            "it; leave sky out"
        )
