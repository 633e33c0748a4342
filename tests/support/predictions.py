"""Predictions as heads give them."""

__all__ = ["QUANTITIES_OF_LOSSES", "halvings_of", "pyramid_of"]

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


def halvings_of(disparity):
    """A pyramid of a disparity and its halves and quarters, in pixels of their own widths."""
    return pyramid_of(disparity, disparity[..., ::2, ::2] / 2, disparity[..., ::4, ::4] / 4)
