"""Predictions as heads give them."""

__all__ = ["pyramid_of"]


def pyramid_of(*maps):
    """What a head with a pyramid of disparities gives; fine to coarse."""
    return {"disparity": maps[0], "pyramid": list(maps)}
