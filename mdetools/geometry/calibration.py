"""The straight lines by which a model's map becomes metres: how each is fitted, and how it is applied.

In each space the truth is `scale * map + shift`, two numbers for all images and pixels of a camera.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mdetools.geometry.robust_fit import robust_line

__all__ = ["SPACES", "Space"]

Fit = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[float, float]]


@dataclass(frozen=True)
class Space:
    """A space in which a map is brought to metres by a scale and a shift.

    Attributes:
        takes: the quantity of the map, a key of `mdetools.contract.QUANTITIES`.
        formula: as it is printed, with `{scale}` and `{shift}`, of the map x and the depth d in metres.
        to_depth: metres of a map, scale, shift (scalar tensors) and the largest depth; clamped at most at the far end.
        fit: scale and shift of N values of the map, N true depths above 0 and N weights above 0, so that the logarithms
            of the depths are near each other.
    """

    takes: str
    formula: str
    to_depth: Callable[[Tensor, Tensor, Tensor, float], Tensor]
    fit: Fit


def apply_in_log_depth(values: Tensor, scale: Tensor, shift: Tensor, max_depth: float) -> Tensor:
    """The exponential of `scale * log(values) + shift`."""
    return (scale * values.clamp_min(torch.finfo(values.dtype).tiny).log() + shift).exp()


def apply_in_depth(values: Tensor, scale: Tensor, shift: Tensor, max_depth: float) -> Tensor:
    """`scale * values + shift`."""
    return scale * values + shift


def apply_in_inverse_depth(values: Tensor, scale: Tensor, shift: Tensor, max_depth: float) -> Tensor:
    """The reciprocal of `scale * values + shift`, which is at least 1 / max_depth."""
    return (scale * values + shift).clamp_min(1 / max_depth).reciprocal()


def fit_in_log_depth(values: np.ndarray, depth: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """A line of the logarithms."""
    return robust_line(np.log(np.maximum(values, np.finfo(np.float32).tiny)), np.log(depth), weights)


def fit_in_depth(values: np.ndarray, depth: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """A line of the depths."""
    return robust_line(values, depth, weights, logarithmic=True)


def fit_in_inverse_depth(values: np.ndarray, depth: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """A line of the inverse depths."""
    return robust_line(values, 1 / depth, weights, logarithmic=True)


SPACES = {
    "log_depth": Space("depth", "log d = {scale:.6g} * log x + {shift:.6g}", apply_in_log_depth, fit_in_log_depth),
    "depth": Space("depth", "d = {scale:.6g} * x + {shift:.6g}", apply_in_depth, fit_in_depth),
    "inverse_depth": Space(
        "inverse_depth", "1 / d = {scale:.6g} * x + {shift:.6g}", apply_in_inverse_depth, fit_in_inverse_depth
    ),
}
