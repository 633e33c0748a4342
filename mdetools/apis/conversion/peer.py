"""A folder for transformers, run by transformers itself where it is installed."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from mdetools.apis.conversion.differences import model_input, shares
from mdetools.datasets.transforms.geometric import Resize
from mdetools.errors import UserError

__all__ = ["LIMIT", "agreement"]

LIMIT = 1e-3  # of the range of a map
SIDE = 518  # pixels: the size at which no position embedding is resampled


def agreement(folder: Path, model: nn.Module, picture: np.ndarray) -> float | None:
    """How far transformers' map lies from the model's where both are fed the same tensor of 518x518.

    Args:
        folder: that was written for the model.
        model: in eval mode, on the CPU.
        picture: uint8 (H, W, 3), RGB.

    Returns:
        The largest difference as a share of the map's range; None if transformers is not installed.

    Raises:
        UserError: if it is beyond `LIMIT`.
    """
    try:
        from transformers import DepthAnythingForDepthEstimation
    except ImportError:
        return None
    peer = DepthAnythingForDepthEstimation.from_pretrained(folder).float().eval()
    tensor = model_input(model, Resize(), picture, (SIDE, SIDE))
    with torch.inference_mode():
        ours = model(tensor)[model.head.output.quantity][:, 0]
        largest, _ = shares(ours, peer(tensor).predicted_depth)
    if not largest <= LIMIT:
        raise UserError(
            f"'{folder}': transformers' map differs from mdetools' by {largest:.2%} of its range, expected at most "
            f"{LIMIT:.1%}; do not use that folder, and report it with your version of transformers"
        )
    return largest
