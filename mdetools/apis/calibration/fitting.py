"""Scale and shift of a space from frames, and what they score on frames that they were not fitted on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mdetools.apis.calibration.frames import Frame
from mdetools.evaluation import Protocol, evaluate_image
from mdetools.geometry import SPACES

__all__ = ["Fit", "UnfitError", "blocks", "fit_space", "pixels_of", "score"]

MOST_PIXELS, LEAST_PIXELS = 200_000, 200  # of all frames, and of each that has so many
CONSTANT = 1e-3  # a map whose deviation is a smaller part of its mean
DIGITS = 6

Pixels = tuple[np.ndarray, np.ndarray]


class UnfitError(Exception):
    """Why frames give no calibration: a result, not a mistake of the user's."""


@dataclass(frozen=True)
class Fit:
    """A space's two numbers, for depths in a range.

    Attributes:
        space: a key of `SPACES`.
        scale: above 0.
        shift: in the space's unit.
        min_depth: metres.
        max_depth: metres.
    """

    space: str
    scale: float
    shift: float
    min_depth: float
    max_depth: float

    def __str__(self) -> str:
        return SPACES[self.space].formula.format(scale=self.scale, shift=self.shift)

    def depth(self, values: Tensor) -> Tensor:
        """Metres of a map, as `CalibratedOutput` gives them."""
        scale, shift = torch.tensor([self.scale, self.shift]).unbind()
        depth = SPACES[self.space].to_depth(values, scale, shift, self.max_depth)
        return depth.clamp(self.min_depth, self.max_depth)


def pixels_of(frames: Sequence[Frame], quantity: str, protocol: Protocol) -> list[Pixels]:
    """For each frame the map's values and the true depths, float64, at the pixels that a protocol counts.

    Of many pixels a part is taken, evenly spread, and the same one each time.
    """
    most = max(MOST_PIXELS // max(len(frames), 1), LEAST_PIXELS)
    pixels = []
    for frame in frames:
        window, depth, counted = protocol.select(frame.depth, frame.valid_mask)
        chosen = counted.nonzero(as_tuple=True)
        if len(chosen[0]) > most:
            spread = np.linspace(0, len(chosen[0]) - 1, most).round().astype(int)
            chosen = tuple(axis[spread] for axis in chosen)
        values = frame.resized(frame.values, quantity)[window][chosen]
        pixels.append((values.double().numpy(), depth[chosen].double().numpy()))
    return pixels


def fit_space(space: str, pixels: Sequence[Pixels], protocol: Protocol) -> Fit:
    """Fits one space; every frame has the same weight, as in the mean over images, however many pixels it has.

    Args:
        space: a key of `SPACES`.
        pixels: of the frames, none of them empty; see `pixels_of`.
        protocol: whose range of depths the fit is for.

    Raises:
        UnfitError: if the map is constant, or falls where the truth grows.
    """
    values, depth = (np.concatenate(parts) for parts in zip(*pixels, strict=True))
    weights = np.concatenate([np.full(len(one), 1 / len(one)) for one, _ in pixels])
    if not np.isfinite(values).all():
        raise UnfitError("the model predicts numbers that are not finite")
    if values.std() <= CONSTANT * abs(values.mean()):
        raise UnfitError(f"the model's map is constant, {values.mean():.4g} on all frames: there is nothing to fit")
    scale, shift = SPACES[space].fit(values, depth, weights)
    scale, shift = (float(f"{number:.{DIGITS}g}") for number in (scale, shift))
    if scale <= 0:
        raise UnfitError(
            f"the scale in space '{space}' would be {scale:.4g}: the model's map falls where the depth grows"
        )
    return Fit(space, scale, shift, protocol.min_depth, protocol.max_depth)


def blocks(count: int, folds: int) -> list[np.ndarray]:
    """Indices of so many frames in folds of frames that follow each other: neighbours in a video are alike."""
    return np.array_split(np.arange(count), folds)


def score(frame: Frame, depth: Tensor, protocol: Protocol) -> np.ndarray:
    """A row of `evaluate_image` for a prediction in metres at the network's size."""
    prediction = {"depth": frame.resized(depth, "depth")}
    return evaluate_image(prediction, frame.depth, frame.valid_mask, protocol).numpy()
