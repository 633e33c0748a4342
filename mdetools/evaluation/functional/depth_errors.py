"""The error measures of monocular depth as pure functions of one image.

Nothing here waits for the device: a mask is multiplied in, never indexed with. Inputs below float32 are computed in
float32.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from mdetools.geometry import at_least_float32

__all__ = ["DEPTH_ERRORS", "SILOG_DEFINITIONS", "SilogDefinition", "depth_errors", "scale_invariant_log_error"]

DEPTH_ERRORS = ("d1", "d2", "d3", "abs_rel", "sq_rel", "rmse", "rmse_log", "log10", "mae", "silog")


class SilogDefinition(NamedTuple):
    """`factor * sqrt(mean(d^2) - variance_weight * mean(d)^2)`, d = log(prediction) - log(target)."""

    variance_weight: float
    factor: float
    formula: str  # as it is printed beside results


SILOG_DEFINITIONS = {
    "kitti": SilogDefinition(1.0, 100.0, "100 * sqrt(mean(d^2) - mean(d)^2)"),
    "half": SilogDefinition(0.5, 1.0, "sqrt(mean(d^2) - 0.5 * mean(d)^2)"),
}


def depth_errors(prediction: Tensor, target: Tensor, valid_mask: Tensor, silog: str = "kitti") -> dict[str, Tensor]:
    """All error measures of one image, over its valid pixels (Eigen et al., NeurIPS 2014; KITTI's benchmark).

    >>> truth = torch.tensor([1.0, 2.0, 4.0])
    >>> depth_errors(1.1 * truth, truth, truth > 0)["abs_rel"]
    tensor(0.1000)

    Args:
        prediction: depth in metres, of any shape, positive on every valid pixel.
        target: depth in metres, the same shape, positive on every valid pixel; anything elsewhere.
        valid_mask: bool, the same shape.
        silog: definition of `silog`, a key of `SILOG_DEFINITIONS`: `kitti` or `half`.

    Returns:
        One scalar tensor for each of `DEPTH_ERRORS`, on the device of the input. d1, d2, d3 are the shares, 0..1, of
        pixels whose ratio to the target, either way up, is below 1.25, 1.25^2, 1.25^3; sq_rel, rmse and mae are in
        metres; rmse_log is of the natural logarithm. Without any valid pixel each is 0: leave that image out.
    """
    count = valid_mask.sum().clamp_min(1)

    def mean(values: Tensor) -> Tensor:
        return values.sum() / count

    # Both are 1 where invalid, so that every error below vanishes there.
    predicted, truth = (torch.where(valid_mask, at_least_float32(depth), 1) for depth in (prediction, target))
    error = predicted - truth
    log_error = predicted.log() - truth.log()
    ratio = torch.maximum(predicted / truth, truth / predicted)
    squared = error.square()
    values = {f"d{power}": mean((ratio < 1.25**power) & valid_mask) for power in (1, 2, 3)}
    values["abs_rel"] = mean(error.abs() / truth)
    values["sq_rel"] = mean(squared / truth)
    values["rmse"] = mean(squared).sqrt()
    values["rmse_log"] = mean(log_error.square()).sqrt()
    values["log10"] = mean(log_error.abs()) / math.log(10)
    values["mae"] = mean(error.abs())
    values["silog"] = scale_invariant_log_error(log_error, valid_mask, SILOG_DEFINITIONS[silog])
    return values


def scale_invariant_log_error(log_error: Tensor, valid_mask: Tensor, definition: SilogDefinition) -> Tensor:
    """The scale-invariant error of logarithms over the valid pixels (Eigen et al., equation 4).

    It is computed as the variance plus the rest of the squared mean: the difference of two large means would lose
    all digits in float32 where only the scale is wrong.

    Args:
        log_error: d = log(prediction) - log(target), any shape; 0 where invalid.
        valid_mask: bool, the same shape.
        definition: lambda, 0..1, and the factor, 1 or 100 as KITTI reports it.

    Returns:
        A scalar tensor, 0 without any valid pixel.
    """
    count = valid_mask.sum().clamp_min(1)
    mean = log_error.sum() / count
    variance = torch.where(valid_mask, log_error - mean, 0).square().sum() / count
    rest = (1 - definition.variance_weight) * mean.square()
    return definition.factor * (variance + rest).sqrt()
