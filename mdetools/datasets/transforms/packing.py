"""From a working sample of numpy arrays to the tensors of `Sample`."""

import cv2
import numpy as np
import torch
from torch import Tensor

from mdetools.contract.types import Sample
from mdetools.datasets.transforms.working_sample import IMAGES, MAPS, apply_to
from mdetools.registry import TRANSFORMS

__all__ = ["PackSample"]


def channels_first(image: np.ndarray) -> Tensor:
    """(H, W, 3) to a contiguous tensor (3, H, W); OpenCV's split is several times faster than a transposed copy."""
    packed = np.empty((image.shape[2], *image.shape[:2]), image.dtype)
    cv2.split(image, list(packed))
    return torch.from_numpy(packed)


@TRANSFORMS.register_module()
class PackSample:
    """Turns a working sample into the tensors of `mdetools.contract.types.Sample`; the last transform of a pipeline.

    Images become uint8 (3, H, W), maps (1, H, W), `intrinsics` float32 (3, 3) and `baseline` float32 (). All are
    contiguous. `meta` stays.
    """

    def __call__(self, sample: dict, rng: np.random.Generator) -> Sample:
        """Returns the packed sample."""
        packed = {"meta": sample["meta"]}
        packed |= apply_to(sample, IMAGES, channels_first)
        packed |= apply_to(sample, MAPS, lambda array: torch.from_numpy(np.ascontiguousarray(array))[None])
        for key in ("intrinsics", "baseline"):
            if key in sample:
                packed[key] = torch.tensor(sample[key], dtype=torch.float32)
        return packed
