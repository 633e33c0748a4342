"""What a head may predict: one table that models, losses, protocols, pictures, inference and tests ask.

A plugin adds a line, and its quantity is resized, flip-averaged and returned like those that are here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from torch import Tensor

from mdetools.errors import UserError
from mdetools.geometry import disparity_to_depth, invert, resize_aligned, resize_centred, resize_disparity

__all__ = ["QUANTITIES", "Quantity", "inverse_depth_of", "quantity_of"]

Size = tuple[int, int]


def mirror(values: Tensor) -> Tensor:
    """Left and right change places: (..., W) to the same."""
    return values.flip(-1)


def unchanged(values: Tensor, size: Size | None = None) -> Tensor:
    """For what is right as it is, whatever the size."""
    return values


@dataclass(frozen=True)
class Quantity:
    """What one kind of prediction is.

    Attributes:
        name: its key in a `Prediction`.
        unit: of its values; empty where they have none.
        resize: brings values (B, K, h, w) to a size (H, W).
        mirror: takes the values of a mirrored image to those of the image.
        target: the field that holds its ground truth; its own name if empty.
        to_depth: metres from values (B, 1, H, W), focal length (B,) in pixels of their width, and baseline (B,) in
            metres; None where a camera does not give them.
        to_inverse: inverse depth, up to a scale and a shift, from values; None for what is no depth.
        relative: whether its scale and shift are unknown.
        is_inverse: whether it is inverse depth up to a scale and a shift, so that it grows towards the camera.
        picture: how it is drawn: a continuous `map`, a `vector` of three channels in -1..1 as colours, `classes`, or
            not at all.
        suggested_loss: named in errors about a loss that does not take it.
    """

    name: str
    unit: str = ""
    resize: Callable[[Tensor, Size], Tensor] = resize_centred
    mirror: Callable[[Tensor], Tensor] = mirror
    target: str = ""
    to_depth: Callable[[Tensor, Tensor, Tensor], Tensor] | None = None
    to_inverse: Callable[[Tensor], Tensor] | None = None
    relative: bool = False
    is_inverse: bool = False
    picture: Literal["map", "vector", "classes"] | None = "map"
    suggested_loss: str = "a loss that takes it"

    @property
    def truth(self) -> str:
        """The field that holds its ground truth."""
        return self.target or self.name


QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantity in (
        # Depth is resized with aligned corners, as Depth Anything evaluates it; all others are as images are.
        Quantity("depth", "m", resize_aligned, to_inverse=partial(invert, smallest=1e-6), suggested_loss="SiLogLoss"),
        Quantity(
            "disparity",
            "px",
            resize_disparity,
            target="depth",
            to_depth=disparity_to_depth,
            to_inverse=unchanged,
            is_inverse=True,
            suggested_loss="a photometric loss",
        ),
        Quantity(
            "inverse_depth",
            "",
            resize_aligned,
            to_inverse=unchanged,
            relative=True,
            is_inverse=True,
            suggested_loss="AffineInvariantLoss",
        ),
        Quantity("logits", target="semantic", picture="classes", suggested_loss="CrossEntropyLoss"),
        Quantity(
            "scores",
            resize=unchanged,
            mirror=unchanged,
            target="label",
            picture=None,
            suggested_loss="CrossEntropyLoss",
        ),
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


def inverse_depth_of(prediction: Mapping) -> Tensor:
    """The inverse depth, of unknown scale and shift, that a prediction of any kind of depth means.

    Disparity and relative inverse depth are it already; metres become 1 / depth.

    >>> import torch
    >>> inverse_depth_of({"depth": torch.tensor([[[2.0, 4.0]]])})
    tensor([[[0.5000, 0.2500]]])

    Args:
        prediction: holds one quantity of `QUANTITIES`, (1, H, W) or (B, 1, H, W).

    Returns:
        Of the same shape, float32, larger where nearer.

    Raises:
        UserError: if it holds no depth.
    """
    quantity = quantity_of(prediction)
    if quantity.to_inverse is None:
        takes = ", ".join(name for name, one in QUANTITIES.items() if one.to_inverse is not None)
        raise UserError(
            f"the model predicts '{quantity.name}', which is no depth; expected one of {takes}: name the config and "
            "checkpoint of such a model"
        )
    return quantity.to_inverse(prediction[quantity.name].float())
