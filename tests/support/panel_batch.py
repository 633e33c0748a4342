"""A batch of two stereo pairs, for whatever draws them."""

import numpy as np
import torch

__all__ = ["BASELINE", "FOCAL", "SIZE", "TRUTH_SIZE", "arrays", "stereo_batch", "without"]

FOCAL, BASELINE, SIZE, TRUTH_SIZE = 80.0, 0.5, (48, 160), (96, 320)


def stereo_batch():
    """Two pairs with sparse ground truth of twice their size."""
    rng = np.random.default_rng(0)
    images = torch.tensor(rng.integers(0, 256, (2, 2, 3, *SIZE), dtype=np.uint8))
    depth = torch.tensor(rng.uniform(4, 60, (2, 1, *TRUTH_SIZE)), dtype=torch.float32)
    valid_mask = torch.tensor(rng.random(depth.shape) < 0.05)
    intrinsics = torch.tensor([[FOCAL, 0, 80], [0, FOCAL, 24], [0, 0, 1]])
    return {
        "image": images[0],
        "image_right": images[1],
        "depth": depth * valid_mask,
        "valid_mask": valid_mask,
        "intrinsics": torch.stack([intrinsics, intrinsics * torch.tensor([[2.0], [2], [1]])]),
        "baseline": torch.tensor([BASELINE, 2 * BASELINE]),
        "meta": {"id": ["2011_09_26/drive_0001_sync 7 l", "2011_09_26/drive_0001_sync 8 l"]},
    }


def without(batch, *keys):
    return {key: value for key, value in batch.items() if key not in keys}


def arrays(batch, index, *keys):
    return [batch[key][index].permute(1, 2, 0).numpy().squeeze() for key in keys]
