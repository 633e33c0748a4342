"""Losses: pure functions of tensors, and thin registered modules that read the data contract."""

from mdetools.models.losses.absolute import BerHuLoss, L1Loss, berhu_loss, l1_loss
from mdetools.models.losses.affine_invariant import AffineInvariantLoss, affine_invariant_loss
from mdetools.models.losses.aligned_abs_rel import AlignedAbsRelLoss, aligned_abs_rel_loss
from mdetools.models.losses.alignment import affine_normalize
from mdetools.models.losses.cross_entropy import CrossEntropyLoss, cross_entropy
from mdetools.models.losses.dissimilarity import absolute_difference, squared_difference, ssim, ssim_l1
from mdetools.models.losses.feature_alignment import FeatureAlignmentLoss, feature_alignment_loss
from mdetools.models.losses.gradient_matching import GradientMatchingLoss, gradient_matching_loss
from mdetools.models.losses.linearized import LinearizedPhotometricLoss, linearized_warp
from mdetools.models.losses.ordinal import OrdinalLoss, ordinal_loss
from mdetools.models.losses.photometric import PhotometricLoss, reconstruction_error
from mdetools.models.losses.scale_shift_invariant import ScaleShiftInvariantLoss, scale_shift_invariant_loss
from mdetools.models.losses.silog import SiLogLoss, silog_loss
from mdetools.models.losses.smoothness import (
    EdgeAwareSmoothnessLoss,
    SmoothnessLoss,
    edge_aware_smoothness,
    squared_smoothness,
)

__all__ = [
    "AffineInvariantLoss",
    "AlignedAbsRelLoss",
    "BerHuLoss",
    "CrossEntropyLoss",
    "EdgeAwareSmoothnessLoss",
    "FeatureAlignmentLoss",
    "GradientMatchingLoss",
    "L1Loss",
    "LinearizedPhotometricLoss",
    "OrdinalLoss",
    "PhotometricLoss",
    "ScaleShiftInvariantLoss",
    "SiLogLoss",
    "SmoothnessLoss",
    "absolute_difference",
    "affine_invariant_loss",
    "affine_normalize",
    "aligned_abs_rel_loss",
    "berhu_loss",
    "cross_entropy",
    "edge_aware_smoothness",
    "feature_alignment_loss",
    "gradient_matching_loss",
    "l1_loss",
    "linearized_warp",
    "ordinal_loss",
    "reconstruction_error",
    "scale_shift_invariant_loss",
    "silog_loss",
    "squared_difference",
    "squared_smoothness",
    "ssim",
    "ssim_l1",
]
