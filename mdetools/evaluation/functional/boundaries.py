"""How well predicted depth boundaries are the true ones, by two published definitions that differ.

Both take pairs of near pixels, call a pair an edge where the ratio of its depths exceeds a threshold, compare predicted
with true edges by the F1 score, and average that over ten thresholds. Ratios do not change with a scale of the depth. A
map without edges scores 0. Nothing here waits for the device.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from mdetools.geometry import at_least_float32

__all__ = ["boundary_f1_depth_pro", "boundary_f1_moge"]

COUNT = 10
DEPTH_PRO_THRESHOLDS = np.linspace(1.05, 1.25, COUNT)
MOGE_THRESHOLDS = np.linspace(0.05, 0.25, COUNT)
NEAREST = 1e-6  # metres, of Depth Pro's definition


def boundary_f1_depth_pro(prediction: Tensor, target: Tensor) -> Tensor:
    """Scale-invariant boundary F1 of Depth Pro (Bochkovskii et al., ICLR 2025; its code: `eval/boundary_metrics.py`).

    A pair of neighbours in a row or column is an edge in the one of its two directions in which inverse depth grows by
    more than a factor t. Precision and recall are means over the four directions, where one without edges counts as 0
    (the truth itself scores 1 only if it has edges in all four). The F1 scores are weighted by t, from 1.05 to 1.25.

    The definition has no mask: the target is to be dense. A hole of 0 m counts as the nearest there is, 1e-6 m, so that
    its rim is an edge.

    >>> step = torch.ones(1, 4, 6)
    >>> step[..., 3:] = 2.0
    >>> boundary_f1_depth_pro(5 * step, step), boundary_f1_depth_pro(step.flip(-1), step)
    (tensor(0.2500), tensor(0.))

    Args:
        prediction: depth (1, H, W), of any scale.
        target: depth (1, H, W).

    Returns:
        A scalar, 0..1.
    """
    inverse = [at_least_float32(depth).clamp_min(NEAREST).reciprocal() for depth in (prediction, target)]
    tallies = []
    for axis in (-1, -2):
        length = target.shape[axis] - 1
        pairs = [(values.narrow(axis, 1, length), values.narrow(axis, 0, length)) for values in inverse]
        for first, second in ((0, 1), (1, 0)):
            levels = [level(pair[first] / pair[second], DEPTH_PRO_THRESHOLDS) for pair in pairs]
            tallies.append(tally(joint_level(*levels)))
    both, predicted, true = torch.stack(tallies).to(inverse[0].dtype).unbind(1)  # each (4, thresholds)
    precision, recall = ((both / edges.clamp_min(1)).mean(0) for edges in (predicted, true))
    return weighted_f1(precision, recall, DEPTH_PRO_THRESHOLDS)


def boundary_f1_moge(
    prediction: Tensor, target: Tensor, mask: Tensor, radii: Sequence[int] = (1, 2, 3)
) -> Mapping[int, Tensor]:
    """Boundary F1 of MoGe (Wang et al., CVPR 2025; its code: `moge/test/metrics.py`), for each of several radii.

    A pixel and one within a radius of it, both valid, are an edge where the other's depth is more than 1 + t times its
    own. All pairs of an image count together, without those whose first pixel is nearer than the radius to the image's
    edge. The F1 scores are weighted by t, from 0.05 to 0.25.

    Args:
        prediction: depth (1, H, W), of any scale.
        target: depth (1, H, W).
        mask: bool (1, H, W), which pixels are valid; target and prediction may be anything elsewhere.
        radii: pixels.

    Returns:
        From each radius to a scalar, 0..1.
    """
    maps = [at_least_float32(depth) for depth in (prediction, target)]
    tallies: dict[int, list[Tensor]] = {radius: [] for radius in radii}
    reach = range(-max(radii), max(radii) + 1)
    for down, right in ((y, x) for y in reach for x in reach if 0 < x * x + y * y <= max(radii) ** 2):
        own = min(radius for radius in radii if down**2 + right**2 <= radius**2)
        pairs = [(shifted(values, own, down, right), shifted(values, own)) for values in (*maps, mask)]
        levels = [level(other / centre, 1 + MOGE_THRESHOLDS) for other, centre in pairs[:2]]
        joint = joint_level(*levels) * (pairs[2][0] & pairs[2][1])
        for radius in radii:
            if radius >= own:
                tallies[radius].append(tally(shifted(joint, radius - own)))
    scores = {}
    for radius, found in tallies.items():
        both, predicted, true = torch.stack(found).sum(0).to(maps[0].dtype)
        scores[radius] = weighted_f1(both / predicted.clamp_min(1), both / true.clamp_min(1), MOGE_THRESHOLDS)
    return scores


def shifted(values: Tensor, border: int, down: int = 0, right: int = 0) -> Tensor:
    """What lies `down` and `right` of the pixels (..., H, W) that are not within `border` of an edge of the image."""
    height, width = (max(0, side - 2 * border) for side in values.shape[-2:])
    return values[..., border + down :, border + right :][..., :height, :width]


def level(ratio: Tensor, thresholds: np.ndarray) -> Tensor:
    """How many of the evenly spaced thresholds each ratio exceeds, of its type and shape; 0 for NaN."""
    first, step = float(thresholds[0]), float(thresholds[1] - thresholds[0])
    # Five times as fast as comparisons. Exceeding by rounding alone, 2e-7, does not count: 5 m / 4 m is 1.25.
    steps = ((ratio - first) / step - 1e-5).ceil().clamp(0, len(thresholds))
    return steps.nan_to_num(0.0)


def joint_level(predicted: Tensor, true: Tensor) -> Tensor:
    """One whole number, 0..120, for each pair of levels."""
    return predicted * (COUNT + 1) + true


def tally(joint: Tensor) -> Tensor:
    """How many edges above each threshold are in both maps, in the predicted and in the true one: (3, thresholds)."""
    index = joint.flatten().long()
    sizes = index.new_zeros((COUNT + 1) ** 2).scatter_add_(0, index, index.new_ones(1).expand_as(index))
    table = sizes.view(COUNT + 1, COUNT + 1)  # by the predicted level and the true one
    at_least = table.flip(0, 1).cumsum(0).cumsum(1).flip(0, 1)
    return torch.stack([at_least.diagonal()[1:], at_least[1:, 0], at_least[0, 1:]])


def weighted_f1(precision: Tensor, recall: Tensor, weights: np.ndarray) -> Tensor:
    """The harmonic mean of precision and recall (thresholds), 0 where both are, averaged with weights."""
    total = precision + recall
    score = 2 * precision * recall / torch.where(total > 0, total, 1)
    return score @ torch.tensor(weights / weights.sum(), dtype=score.dtype, device=score.device)
