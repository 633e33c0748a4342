"""Losses: pure functions of tensors, and thin registered modules that read the data contract."""

from mdetools.models.losses.affine_invariant import AffineInvariantLoss, affine_invariant_loss, affine_normalize
from mdetools.models.losses.dissimilarity import absolute_difference, squared_difference, ssim, ssim_l1
from mdetools.models.losses.gradient_matching import GradientMatchingLoss, gradient_matching_loss
from mdetools.models.losses.linearized import LinearizedPhotometricLoss, linearized_warp
from mdetools.models.losses.photometric import PhotometricLoss, reconstruction_error
from mdetools.models.losses.silog import SiLogLoss, silog_loss
from mdetools.models.losses.smoothness import (
    EdgeAwareSmoothnessLoss,
    SmoothnessLoss,
    edge_aware_smoothness,
    squared_smoothness,
)

__all__ = [
    "AffineInvariantLoss",
    "EdgeAwareSmoothnessLoss",
    "GradientMatchingLoss",
    "LinearizedPhotometricLoss",
    "PhotometricLoss",
    "SiLogLoss",
    "SmoothnessLoss",
    "absolute_difference",
    "affine_invariant_loss",
    "affine_normalize",
    "edge_aware_smoothness",
    "gradient_matching_loss",
    "linearized_warp",
    "reconstruction_error",
    "silog_loss",
    "squared_difference",
    "squared_smoothness",
    "ssim",
    "ssim_l1",
]
