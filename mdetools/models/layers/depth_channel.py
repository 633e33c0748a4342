"""Depth as a network takes it beside an image, and convolutions that take it."""

import copy

from torch import Tensor, nn

from mdetools.errors import UserError
from mdetools.geometry import masked_mean

__all__ = ["FurtherChannels", "depth_channel", "first_convolution", "take_channels"]

RGB = 3
FLATNESS = 1e-3  # of the mean: what varies by less than that is rounding, not shape
TINY = 1e-12  # keeps the root's gradient, and the quotient of a map of zeros, finite


def depth_channel(inverse_depth: Tensor, known: Tensor | None = None) -> Tensor:
    """Inverse depth with mean 0 and deviation 1 over the known pixels of each image; 0, the mean, elsewhere.

    Inverse depth, and each image on its own, since that is what every depth network gives, up to a scale and a shift of
    which nothing is left here: metres, disparity and relative depth become the same channel. What is lost is the
    absolute distance. The deviation is raised by a thousandth of the mean of the absolute values, so that a constant
    map, whose values differ by rounding alone, becomes 0.

    >>> import torch
    >>> depth_channel(torch.tensor([[[[0.5, 0.5, 1.5, 1.5]]]])).round(decimals=2)
    tensor([[[[-1., -1.,  1.,  1.]]]])

    Args:
        inverse_depth: (B, 1, H, W), of any scale and shift; what is not finite is unknown.
        known: bool (B, 1, H, W); None takes all that is finite.

    Returns:
        (B, 1, H, W), float32.
    """
    values = inverse_depth.float()
    known = values.isfinite() if known is None else known & values.isfinite()
    values = values.where(known, 0)
    centred = values - masked_mean(values, known)[:, None, None, None]
    deviation = (masked_mean(centred.square(), known) + TINY).sqrt()
    scale = deviation + FLATNESS * masked_mean(values.abs(), known) + TINY
    return (centred / scale[:, None, None, None]).where(known, 0)


class FurtherChannels(nn.Module):
    """A convolution of images, and one of the channels behind them whose weights start at zero, added up.

    Two in place of one of more channels, since adding zeros changes no bit, and another order of summation does.

    Args:
        image: takes the first channels.
        further: how many follow.
    """

    def __init__(self, image: nn.Conv2d, further: int) -> None:
        super().__init__()
        self.image = image
        weight = image.weight
        self.further = with_weight(image, weight.new_zeros(len(weight), further, *weight.shape[2:]))
        self.further.bias = None

    def forward(self, x: Tensor) -> Tensor:
        """(B, C + further, H, W) to what the convolution gives."""
        channels = self.image.in_channels
        return self.image(x[:, :channels]) + self.further(x[:, channels:])


def with_weight(conv: nn.Conv2d, weight: Tensor) -> nn.Conv2d:
    """A copy of a convolution, of its own class, with another weight (C_out, C_in, kh, kw)."""
    twin = copy.deepcopy(conv)
    twin.weight = nn.Parameter(weight.detach().clone())
    twin.in_channels = weight.shape[1]
    return twin


def first_convolution(module: nn.Module) -> tuple[str, nn.Conv2d]:
    """The path in a backbone, and the convolution, that takes the image: the first one.

    Raises:
        UserError: if it has none.
    """
    for name, part in module.named_modules():
        if isinstance(part, nn.Conv2d) and part.groups == 1:
            return name, part
    raise UserError(
        f"{type(module).__name__} has no convolution that takes the image, expected one to add a channel to; take "
        "another backbone"
    )


def take_channels(module: nn.Module, image: bool, further: int) -> None:
    """Has a backbone of images take further channels behind them, or in their place; it is changed in place.

    Beside the image, the weights of the further channels start at zero: at first the network is that of the image. In
    its place, each gets the sum of those of red, green and blue, so that it is seen as a grey image is.

    Args:
        module: whose first convolution takes an image, or an image with as many further channels.
        image: whether the image stays.
        further: number of further channels.

    Raises:
        UserError: if the first convolution takes another number of channels.
    """
    path, conv = first_convolution(module)
    if conv.in_channels not in (RGB, RGB + further):
        raise UserError(
            f"the first convolution of {type(module).__name__} takes {conv.in_channels} channels, expected {RGB}, "
            f"an image, or {RGB + further}; set its number of channels so"
        )
    of_image = conv if conv.in_channels == RGB else with_weight(conv, conv.weight[:, :RGB])
    if image:
        changed = FurtherChannels(of_image, further)
    else:
        changed = with_weight(conv, of_image.weight.sum(1, keepdim=True).expand(-1, further, -1, -1))
    parent, _, name = path.rpartition(".")
    setattr(module.get_submodule(parent), name, changed)
