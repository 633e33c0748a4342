"""Losses: pure functions of tensors, and thin registered modules that read the data contract."""

from mdetools.models.losses.affine_invariant import AffineInvariantLoss, affine_invariant_loss, affine_normalize
from mdetools.models.losses.gradient_matching import GradientMatchingLoss, gradient_matching_loss
from mdetools.models.losses.silog import SiLogLoss, silog_loss

__all__ = [
    "AffineInvariantLoss",
    "GradientMatchingLoss",
    "SiLogLoss",
    "affine_invariant_loss",
    "affine_normalize",
    "gradient_matching_loss",
    "silog_loss",
]
