"""Predictions as heads give them."""

import torch.nn.functional as F
from torch import Tensor

__all__ = ["QUANTITIES_OF_LOSSES", "features_of", "halvings_of", "prediction_for", "pyramid_of"]

# Every loss with each quantity that it learns from.
QUANTITIES_OF_LOSSES = [
    ("SiLogLoss", "depth"),
    ("SiLogLoss", "disparity"),
    ("L1Loss", "depth"),
    ("L1Loss", "inverse_depth"),
    ("L1Loss", "disparity"),
    ("BerHuLoss", "depth"),
    ("BerHuLoss", "inverse_depth"),
    ("BerHuLoss", "disparity"),
    ("OrdinalLoss", "depth"),
    ("OrdinalLoss", "inverse_depth"),
    ("OrdinalLoss", "disparity"),
    ("FeatureAlignmentLoss", "inverse_depth"),
    ("AffineInvariantLoss", "inverse_depth"),
    ("AffineInvariantLoss", "disparity"),
    ("ScaleShiftInvariantLoss", "inverse_depth"),
    ("ScaleShiftInvariantLoss", "disparity"),
    ("AlignedAbsRelLoss", "inverse_depth"),
    ("AlignedAbsRelLoss", "disparity"),
    ("GradientMatchingLoss", "inverse_depth"),
    ("GradientMatchingLoss", "disparity"),
    ("PhotometricLoss", "disparity"),
    ("PhotometricLoss", "depth"),
    ("LinearizedPhotometricLoss", "disparity"),
    ("LinearizedPhotometricLoss", "depth"),
    ("SmoothnessLoss", "disparity"),
    ("SmoothnessLoss", "depth"),
    ("EdgeAwareSmoothnessLoss", "disparity"),
    ("EdgeAwareSmoothnessLoss", "depth"),
    ("CrossEntropyLoss", "logits"),
    ("CrossEntropyLoss", "scores"),
]
STEREO = [name for name, quantity in QUANTITIES_OF_LOSSES if "Photometric" in name or "Smoothness" in name]


def pyramid_of(*maps):
    """What a head with a pyramid of disparities gives; fine to coarse."""
    return {"disparity": maps[0], "pyramid": list(maps)}


def halvings_of(disparity):
    """A pyramid of a disparity and its halves and quarters, in pixels of their own widths."""
    return pyramid_of(disparity, disparity[..., ::2, ::2] / 2, disparity[..., ::4, ::4] / 4)


def features_of(values: Tensor) -> list[Tensor]:
    """A backbone's map as that of `example_targets`, (B, 8, 3, 4), made of a prediction (B, K, 24, 32); else none."""
    if values.ndim < 4:
        return []
    return [F.unfold(values, (3, 3), stride=8, padding=0)[:, :8].unflatten(2, (3, 4))]


def prediction_for(loss: str, quantity: str, values: Tensor) -> dict:
    """A prediction with all that a loss of this name reads."""
    if quantity == "disparity" and loss in STEREO:
        return pyramid_of(values, values[..., ::2, ::2] / 2)
    return {quantity: values, "features": features_of(values)}
