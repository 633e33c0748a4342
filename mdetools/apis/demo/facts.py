"""What the page says of the model, and of its numbers."""

from dataclasses import dataclass

import numpy as np

from mdetools.apis.inference.result import Result
from mdetools.apis.inferencer import DepthInferencer
from mdetools.apis.opening import output_of
from mdetools.contract import QUANTITIES
from mdetools.errors import UserError

__all__ = ["ModelFacts", "facts_of_model", "meaning"]

QUANTITY = {"depth": "metric depth", "disparity": "stereo disparity", "inverse_depth": "relative inverse depth"}
UNIT = {"depth": "metres", "disparity": "pixels"}


@dataclass(frozen=True)
class ModelFacts:
    """The model in words.

    Attributes:
        quantity: a key of `QUANTITIES`.
        rows: names and values.
        explanation: what a visitor gets, in one sentence.
        max_depth: metres; None if it has none.
    """

    quantity: str
    rows: list[tuple[str, str]]
    explanation: str
    max_depth: float | None


def facts_of_model(inferencer: DepthInferencer, name: str) -> ModelFacts:
    """The facts of a model.

    Args:
        inferencer: the model.
        name: to call it by.

    Raises:
        UserError: if it predicts no depth.
    """
    (blank,) = inferencer(np.zeros((64, 64, 3), np.uint8))  # a head may not say what it predicts before it does
    quantity = blank.quantity
    known = QUANTITIES.get(quantity)
    if known is None or known.to_inverse is None:
        raise UserError(f"the model predicts '{quantity}', and the page shows depth; take a model of depth")
    millions = sum(one.numel() for one in inferencer.model.parameters()) / 1e6
    rows = [
        ("Model", name),
        ("Predicts", QUANTITY.get(quantity, quantity)),
        ("Unit", UNIT.get(quantity, "none, relative")),
        ("Size", f"{millions:.1f} M parameters on {inferencer.device.type.upper()}"),
    ]
    gets = (
        "You get how near things are compared with each other: the scale and shift are unknown."
        if known.relative
        else "You get the distance of every pixel in metres."
        if quantity == "depth"
        else "You get the disparity of every pixel, and metres once you enter the baseline."
    )
    return ModelFacts(
        quantity, rows, f"Drop a picture or a video. {gets}", getattr(output_of(inferencer.model), "max_depth", None)
    )


def meaning(seen: Result) -> str:
    """What the numbers of a result mean, in one sentence."""
    if seen.quantity == "depth":
        return "Metres along the optical axis."
    if QUANTITIES[seen.quantity].relative:
        return "Relative inverse depth: larger is nearer, and the numbers have no unit."
    return "Disparity in pixels: larger is nearer."
