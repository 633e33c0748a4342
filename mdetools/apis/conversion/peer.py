"""A folder for transformers, run by transformers itself where it is installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import nn

from mdetools.apis.conversion.differences import model_input
from mdetools.apis.map_difference import map_difference
from mdetools.datasets.transforms.geometric import Resize
from mdetools.errors import UserError

__all__ = ["LIMIT", "agreement", "no_progress_bar"]

LIMIT = 1e-3  # of the range of a map
SIDE = 518  # pixels: the size at which no position embedding is resampled


@contextmanager
def no_progress_bar() -> Iterator[None]:
    """Lets transformers load a model without a bar of its own."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


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
    with no_progress_bar():
        peer = DepthAnythingForDepthEstimation.from_pretrained(folder).float().eval()
    tensor = model_input(model, Resize(), picture, (SIDE, SIDE))
    with torch.inference_mode():
        ours = model(tensor)[model.head.output.quantity][:, 0]
        theirs = peer(tensor).predicted_depth
    largest = map_difference(theirs.numpy(), ours.numpy()).largest
    if not largest <= LIMIT:
        raise UserError(
            f"'{folder}': transformers' map differs from mdetools' by {largest:.2%} of its range, expected at most "
            f"{LIMIT:.1%}; do not use that folder, and report it with your version of transformers"
        )
    return largest
