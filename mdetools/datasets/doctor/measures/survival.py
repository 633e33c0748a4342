"""What the pipeline leaves of a frame's depth."""

import warnings

import numpy as np
from torch.utils.data import Dataset

from mdetools.datasets.doctor.frame import Frame
from mdetools.errors import UserError

__all__ = ["survival"]


def survival(dataset: Dataset, index: int, frame: Frame) -> dict:
    """`survival`: the share of valid pixels after the pipeline divided by that before it, 1 at most.

    Nothing for a frame without valid depth, or that does not go through the pipeline.
    """
    if frame.valid is None or not frame.valid.any():
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            mask = dataset[index].get("valid_mask")
        except (UserError, OSError):
            return {}
    return {} if mask is None else {"survival": min(1.0, float(np.asarray(mask).mean() / frame.valid.mean()))}
