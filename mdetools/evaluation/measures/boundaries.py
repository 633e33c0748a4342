"""Depth boundaries, of the depth that the protocol scores: aligned, clamped to the caps, inside the crop."""

from torch import Tensor

from mdetools.evaluation.functional import boundary_f1_depth_pro, boundary_f1_moge
from mdetools.evaluation.measures.measure import Measure
from mdetools.evaluation.protocols import Protocol

__all__ = ["depth_pro_measure", "moge_measure"]

RADII = (1, 2, 3)


def of_depth_pro(protocol: Protocol, predicted: Tensor, depth: Tensor, counted: Tensor) -> dict[str, Tensor]:
    """`boundary_f1_depth_pro`, which has no mask: holes of the true depth are edges."""
    return {"boundary_f1_depth_pro": boundary_f1_depth_pro(predicted, depth)}


def of_moge(protocol: Protocol, predicted: Tensor, depth: Tensor, counted: Tensor) -> dict[str, Tensor]:
    """`boundary_f1_moge` of the pixels that count."""
    scores = boundary_f1_moge(predicted, depth, counted, RADII)
    return {f"boundary_f1_moge_{radius}": scores[radius] for radius in RADII}


depth_pro_measure = Measure("boundary_f1_depth_pro", {"boundary_f1_depth_pro": True}, of_depth_pro)
moge_measure = Measure("boundary_f1_moge", {f"boundary_f1_moge_{radius}": True for radius in RADII}, of_moge)
