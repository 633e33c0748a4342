"""From Hypersim's colours, which are linear and unbounded, to an image."""

import numpy as np

__all__ = ["tone_map"]

GAMMA = 2.2
PERCENTILE, BRIGHTNESS = 90, 0.8
DARKEST = 1e-4
BRIGHTEST = 65504  # of the files, which are float16


def tone_map(colour: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """The data set's own tone mapping: exposure by the 90th percentile of the brightness, which becomes 0.8.

    Args:
        colour: (H, W, 3) of a floating point type, linear RGB.
        counted: bool (H, W), the pixels that count for the exposure: those that show something.

    Returns:
        uint8 (H, W, 3). What is brighter than white is white, what is not finite black or white.
    """
    colour = np.nan_to_num(colour.astype(np.float32), nan=0, posinf=BRIGHTEST, neginf=0)
    brightness = (colour @ np.array([0.3, 0.59, 0.11], np.float32))[counted]
    scale = 1.0
    if brightness.size:
        bright = np.percentile(brightness, PERCENTILE)
        scale = BRIGHTNESS**GAMMA / bright if bright >= DARKEST else 0.0
    linear = np.clip(colour * np.float32(scale), 0, 1, out=colour)
    return (np.power(linear, np.float32(1 / GAMMA), out=linear) * 255).astype(np.uint8)
