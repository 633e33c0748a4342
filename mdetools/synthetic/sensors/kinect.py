"""What a Kinect of the first kind makes of exact depth: holes, steps and noise."""

from dataclasses import dataclass

import numpy as np

__all__ = ["KinectModel", "occluded_from_projector"]


def occluded_from_projector(depth: np.ndarray, focal_baseline: float) -> np.ndarray:
    """Pixels that the camera sees but the pattern projector, on its right, does not: the shadows beside near objects.

    Args:
        depth: (H, W), metres.
        focal_baseline: focal length in pixels times the distance of the projector in metres.

    Returns:
        (H, W) bool.
    """
    column = np.arange(depth.shape[1], dtype=np.float32)
    in_projector = column - np.float32(focal_baseline) / depth
    # Along a row of visible points the projector's columns keep their order; one that falls back is behind another.
    furthest = np.minimum.accumulate(in_projector[:, ::-1], axis=1)[:, ::-1]
    shadowed = np.zeros(depth.shape, bool)
    shadowed[:, :-1] = in_projector[:, :-1] > furthest[:, 1:] + 0.5
    return shadowed


@dataclass(frozen=True)
class KinectModel:
    """Holes, axial noise and quantisation of a structured-light sensor.

    Attributes:
        baseline: between camera and projector, metres.
        min_depth: nearest depth it measures, metres.
        max_depth: farthest, metres.
        grazing: cosine of the viewing angle below which a surface returns too little.
        step: quantisation step at 1 m, metres; it grows with the depth squared
            (Khoshelham and Elberink, Sensors 2012: 2.85e-3).
    """

    baseline: float = 0.075
    min_depth: float = 0.45
    max_depth: float = 10.0
    grazing: float = 0.12
    step: float = 2.85e-3

    def __call__(
        self, depth: np.ndarray, cosine: np.ndarray, glowing: np.ndarray, focal: float, rng: np.random.Generator
    ) -> np.ndarray:
        """Measures a depth map.

        Args:
            depth: (H, W) float32, exact, metres; may be inf.
            cosine: (H, W), of the angle between the ray and the surface's normal.
            glowing: (H, W) bool, lamps and window panes, which blind it.
            focal: focal length, pixels.
            rng: source of its noise.

        Returns:
            (H, W) float32, metres, 0 where it measures nothing.
        """
        ragged = rng.random(depth.shape, dtype=np.float32)
        holes = occluded_from_projector(depth, focal * self.baseline) | glowing
        holes |= cosine < self.grazing * (0.5 + ragged)
        # Axial noise after Nguyen, Izadi and Lovell (3DIMPVT 2012).
        finite = np.minimum(depth, 2 * self.max_depth)
        sigma = np.float32(0.0012) + np.float32(0.0019) * (finite - np.float32(0.4)) ** 2
        measured = finite + sigma * rng.standard_normal(depth.shape, dtype=np.float32)
        step = np.float32(self.step) * finite * finite
        measured = np.round(measured / step) * step
        holes |= (measured < self.min_depth) | (measured > self.max_depth)
        return np.where(holes, np.float32(0), measured)
