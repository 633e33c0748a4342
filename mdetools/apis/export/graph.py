"""The part of a model that becomes a graph: from a normalised image to the map, at the network's size."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from mdetools.contract import quantity_of
from mdetools.errors import UserError
from mdetools.models.postprocess import merge_flipped

__all__ = ["Graph", "Sizes", "example_image", "graph_of"]

CELLS = (18, 26)  # of the example of a graph with free sides: its maps have several cells each, and no two sides agree
SMALLEST_CELL = 14


class Sizes(NamedTuple):
    """What sizes of images a graph takes.

    Attributes:
        size: (H, W) of its images, or those that it is made from where they are free, pixels.
        dynamic: whether the number of images, their height and their width are free.
    """

    size: tuple[int, int]
    dynamic: bool

    @classmethod
    def free(cls, multiple_of: int) -> "Sizes":
        """Free sides that are multiples of `multiple_of` pixels."""
        cell = multiple_of * -(-SMALLEST_CELL // multiple_of)
        return cls((CELLS[0] * cell, CELLS[1] * cell), dynamic=True)


class Graph(nn.Module):
    """A model's own quantity alone, averaged with the mirrored image's if the model does that when it predicts.

    Args:
        model: an estimator in eval mode.
        quantity: the key of `mdetools.contract.QUANTITIES` that it predicts.
    """

    def __init__(self, model: nn.Module, quantity: str) -> None:
        super().__init__()
        self.model, self.quantity = model, quantity
        self.half_precision = False

    def forward(self, image: Tensor) -> Tensor:
        """Normalised images (B, 3, H, W), float32, to the quantity (B, K, h, w), float32; of whole images (B, K)."""
        if self.half_precision:
            image = image.half()
        prediction = self.model(image, mode="tensor")
        if getattr(self.model, "flip_test", None) is not None:
            flipped = self.model(image.flip(-1), mode="tensor")
            prediction = merge_flipped(prediction, flipped, self.model.flip_test)
        return prediction[self.quantity].float()

    def to_half(self, size: tuple[int, int]) -> "Graph":
        """Brings the weights to float16, in place; images and maps stay float32.

        The head's output layer keeps float32, for a calibration's numbers are not to be rounded. So does the whole head
        if it computes in float32, as that of small disparities does.

        Args:
            size: (H, W) of an image to try it with.
        """
        self.model.half()
        self.half_precision = True
        head = getattr(self.model, "head", nn.Identity())
        getattr(head, "output", nn.Identity()).float()
        try:
            self(example_image(size))
        except RuntimeError:  # of an operation on float32 features and float16 weights
            head.float()
        return self


def example_image(size: tuple[int, int], count: int = 1) -> Tensor:
    """Normalised images of noise, (count, 3, H, W)."""
    return torch.randn(count, 3, *size, generator=torch.Generator().manual_seed(0))


@torch.no_grad()
def graph_of(model: nn.Module, size: tuple[int, int]) -> Graph:
    """The graph of a model.

    Args:
        model: an estimator in eval mode, on the CPU.
        size: (H, W) of an image that it takes.

    Raises:
        UserError: if the model takes no image of that size, or its prediction holds no known quantity.
    """
    prediction = model(example_image(size), mode="tensor")
    quantity = quantity_of(prediction).name
    if not torch.isfinite(prediction[quantity]).all():
        raise UserError(
            f"the model's {quantity} is not finite for an image of noise; see whether its weights are whole"
        )
    return Graph(model, quantity)
