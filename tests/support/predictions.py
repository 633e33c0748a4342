"""Predictions as heads give them."""

__all__ = ["QUANTITIES_OF_LOSSES", "pyramid_of"]

# Every loss with each quantity that it learns from.
QUANTITIES_OF_LOSSES = [
    ("SiLogLoss", "depth"),
    ("SiLogLoss", "disparity"),
    ("AffineInvariantLoss", "inverse_depth"),
    ("AffineInvariantLoss", "disparity"),
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
]


def pyramid_of(*maps):
    """What a head with a pyramid of disparities gives; fine to coarse."""
    return {"disparity": maps[0], "pyramid": list(maps)}
