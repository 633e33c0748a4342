"""Whether planes look like planes, which tells depth from inverse depth."""

import numpy as np

from mdetools.datasets.doctor.frame import Frame
from mdetools.datasets.doctor.measures.depth_values import steps

__all__ = ["planes"]

SPACINGS = (2, 4)  # pixels of the working size between five points in a row
SLANT = (0.1, 0.7)  # |log of the ratio of the two ends|: tells the two apart, and is no edge
EVEN = (0.1, 0.45)  # share of it that each of the four gaps has, so that stairs are no slope
CLEAR = 0.3  # how much nearer one mean must be than the other: noise and curved surfaces are near neither
STEPS = 3  # of the values, by which the middle is off the other mean


def planes(frame: Frame) -> dict:
    """Compares the ends and the middle of five equidistant pixels along the rows, where walls and facades are slanted.

    On a plane the *inverse* of depth is linear in the image, so the middle one is the harmonic mean of the ends. A map
    in which it is the arithmetic mean holds inverse depth or disparity, of whatever scale and shift.

    Returns:
        `plane_points`: how many fives lie on a slanted surface; `plane_share`: in how many of them the harmonic mean
        is nearer, None without any.
    """
    if frame.depth is None:
        return {}
    step = steps(np.sort(frame.small_depth[frame.small_depth > 0]))["step"] or 0.0
    votes = np.concatenate([harmonic(frame.small_depth, spacing, step) for spacing in SPACINGS])
    return {"plane_points": len(votes), "plane_share": float(votes.mean()) if len(votes) else None}


def harmonic(depth: np.ndarray, spacing: int, step: float) -> np.ndarray:
    """For fives along the rows of a map (H, W) on slopes: whether the harmonic mean is nearer, bool (N,).

    Those whose two means are only some `step` of the values apart are left out: in even steps all slopes are linear.
    """
    width = depth.shape[1] - 4 * spacing
    if width <= 0:
        return np.zeros(0, bool)
    points = np.stack([depth[:, at * spacing :][:, :width].ravel() for at in range(5)])
    points = points[:, (points > 0).all(0)]
    gaps = np.diff(np.log(points), axis=0)
    slant = gaps.sum(0)
    steady = np.abs(slant) > SLANT[0]
    shares = gaps[:, steady] / slant[steady]
    slope = (np.abs(slant[steady]) < SLANT[1]) & (shares > EVEN[0]).all(0) & (shares < EVEN[1]).all(0)
    first, _, middle, _, last = points[:, steady][:, slope]
    off_harmonic = np.abs(middle / first + middle / last - 2)
    off_arithmetic = np.abs(first / middle + last / middle - 2)
    near, far = np.minimum(off_harmonic, off_arithmetic), np.maximum(off_harmonic, off_arithmetic)
    return (off_harmonic < off_arithmetic)[(near < CLEAR * far) & (far * middle > STEPS * step)]
