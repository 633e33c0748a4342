"""What a head may predict: one table that models, losses, protocols, pictures, inference and tests ask.

A plugin adds a line, and its quantity is resized, flip-averaged and returned like those that are here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from mdetools.errors import UserError
from mdetools.geometry import disparity_to_depth, resize_aligned, resize_centred, resize_disparity

__all__ = ["QUANTITIES", "Quantity", "quantity_of"]

Size = tuple[int, int]


def mirror(values: Tensor) -> Tensor:
    """Left and right change places: (..., W) to the same."""
    return values.flip(-1)


def unchanged(values: Tensor, size: Size | None = None) -> Tensor:
    """For what belongs to a whole image: neither its size nor a mirror matters."""
    return values


@dataclass(frozen=True)
class Quantity:
    """What one kind of prediction is.

    Attributes:
        name: its key in a `Prediction`.
        unit: of its values; empty where they have none.
        resize: brings values (B, K, h, w) to a size (H, W).
        mirror: takes the values of a mirrored image to those of the image.
        to_depth: metres from values (B, 1, H, W), focal length (B,) in pixels of their width, and baseline (B,) in
            metres; None where a camera does not give them.
        relative: whether its scale and shift are unknown.
        near_is_large: whether values grow towards the camera.
        picture: how it is drawn: a continuous `map`, `classes`, or not at all.
        losses: what learns it, for the advice of errors.
    """

    name: str
    unit: str = ""
    resize: Callable[[Tensor, Size], Tensor] = resize_aligned
    mirror: Callable[[Tensor], Tensor] = mirror
    to_depth: Callable[[Tensor, Tensor, Tensor], Tensor] | None = None
    relative: bool = False
    near_is_large: bool = False
    picture: Literal["map", "classes"] | None = "map"
    losses: str = "a loss that takes it"


QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantity in (
        # Resized as Depth Anything evaluates it.
        Quantity("depth", "m", losses="SiLogLoss"),
        # Its corners are not aligned, as those of the images that it was learned from are not.
        Quantity(
            "disparity",
            "px",
            resize=resize_disparity,
            to_depth=disparity_to_depth,
            near_is_large=True,
            losses="a photometric loss",
        ),
        Quantity("inverse_depth", relative=True, near_is_large=True, losses="AffineInvariantLoss"),
        Quantity("logits", resize=resize_centred, picture="classes", losses="a cross-entropy"),
        Quantity("scores", resize=unchanged, mirror=unchanged, picture=None, losses="a cross-entropy"),
    )
}


def quantity_of(prediction: Mapping) -> Quantity:
    """The quantity that a prediction holds as its own: not the `depth` that was derived from its `disparity`.

    >>> quantity_of({"disparity": ..., "depth": ..., "features": ...}).name
    'disparity'

    Raises:
        UserError: if it holds none, or several of its own.
    """
    found = [quantity for name, quantity in QUANTITIES.items() if name in prediction]
    if any(quantity.to_depth is not None for quantity in found):
        found = [quantity for quantity in found if quantity.name != "depth"]
    if len(found) != 1:
        raise UserError(
            f"a prediction holds exactly one of {', '.join(QUANTITIES)}; this one holds {', '.join(prediction)}: fix "
            "the head, or add the quantity to mdetools.contract.QUANTITIES"
        )
    return found[0]
