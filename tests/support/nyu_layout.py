"""Small files in the layouts of NYU Depth V2."""

import h5py
import numpy as np

__all__ = ["make_frame", "write_h5"]


def make_frame(height=24, width=32, seed=0):
    """A random image, uint8 (H, W, 3), and depth in metres, float32 (H, W), with a hole in a corner."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    depth = rng.uniform(0.5, 9.0, (height, width)).astype(np.float32)
    depth[:3, :4] = 0
    return image, depth


def write_h5(path, image, depth, **more):
    """Writes a frame in the FastDepth layout, with `more` keys; returns `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file["rgb"] = image.transpose(2, 0, 1)
        file["depth"] = depth
        for key, value in more.items():
            file[key] = value
    return path
