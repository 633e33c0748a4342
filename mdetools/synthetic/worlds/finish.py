"""What lens, sensor and file do to a picture: blur, darker corners, tone, noise."""

import numpy as np

from mdetools.synthetic.raycast.photo import Samples, cast_samples, exposure, tone
from mdetools.synthetic.raycast.rendering import shade
from mdetools.synthetic.worlds.view import View

__all__ = ["expose", "photograph_view"]

OUTDOORS = -0.3  # logarithm of the exposure: a bright sky does not wash out the ground


def photograph_view(view: View, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Renders a view as some camera takes it.

    Returns:
        The image (H, W, 3) uint8, and the exact depth (H, W) float32, metres, inf where there is sky.
    """
    samples = cast_samples(view.scene, view.camera, *view.size)
    return expose(view, samples, rng), samples.in_rows(samples.t).reshape(view.size)


def expose(view: View, samples: Samples, rng: np.random.Generator) -> np.ndarray:
    """The image (H, W, 3) uint8 that some camera takes of what the rays of a view met."""
    color = shade(view.scene, samples.rays, samples.t, samples.nearest).color
    usual = OUTDOORS if view.scene.daylight is not None else 0.1
    gain = exposure(color[:, : samples.count], rng) * np.exp(rng.normal(usual, 0.45))
    image = samples.resolve(tone(color * np.float32(gain))).transpose(1, 2, 0)
    return _develop(image, rng)


def _develop(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Display values (H, W, 3) in [0, 1] to uint8, with contrast, dark corners, blur and noise of a camera's own."""
    import cv2

    height, width = image.shape[:2]
    image = np.power(image, np.float32(np.exp(rng.normal(0.1, 0.3))))
    if rng.uniform() < 0.3:
        v, u = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
        image = image * (1 - np.float32(rng.uniform(0, 0.25)) * (u * u + v * v)[..., None])
    if rng.uniform() < 0.35:
        image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.3, 1.2)))
    noise = rng.standard_normal(image.shape, dtype=np.float32)
    if rng.uniform() < 0.3:
        noise = cv2.GaussianBlur(noise, (0, 0), 0.7) * 2
    image = 255 * image + noise * np.float32(rng.exponential(3.0))
    return np.clip(image + 0.5, 0, 255).astype(np.uint8)
