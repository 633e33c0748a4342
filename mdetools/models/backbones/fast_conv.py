"""The small classifier of the survey of depth estimation, as a backbone of one vector."""

from torch import Tensor, nn

from mdetools.errors import UserError
from mdetools.models.layers import map_size
from mdetools.registry import BACKBONES

__all__ = ["FastConv"]


@BACKBONES.register_module()
class FastConv(nn.Module):
    """Two convolutions and a linear layer, which make a vector of features of an image of one size.

    The survey's demonstration, which classifies Miniplaces from an image with Depth Anything's map as a fourth channel,
    names the network by its arguments alone; their names and defaults are kept. What it is made of is our choice: two
    convolutions of the given kernel, stride and padding, each with a ReLU; a maximum over 2x2; dropout; a linear layer
    with a ReLU; dropout. Its last layer, the classes, is `ClassificationHead`, which needs no dropout of its own.

    >>> import torch
    >>> backbone = FastConv()
    >>> [features.shape for features in backbone(torch.zeros(2, 4, 140, 140))]
    [torch.Size([2, 128, 1, 1])]

    Args:
        input_channels: of the image; 3 inside a `DepthAugmentedBackbone`, which adds what it needs.
        conv_hidden_channels: of the first convolution.
        conv_out_channels: of the second.
        input_size: (height, width) of the images, pixels.
        dropout_rate1: after the pooling.
        dropout_rate2: after the linear layer.
        fc_out_channels: of the vector.
        kernel_size: of both convolutions, pixels.
        stride: likewise.
        padding: likewise.

    Attributes:
        channels: of the vector, one entry.
        strides: pixels of the image per cell: the vector is a map of one cell.

    Raises:
        UserError: if images of that size leave nothing to pool.
    """

    def __init__(
        self,
        input_channels: int = 4,
        conv_hidden_channels: int = 64,
        conv_out_channels: int = 128,
        input_size: tuple[int, int] = (140, 140),
        dropout_rate1: float = 0.25,
        dropout_rate2: float = 0.5,
        fc_out_channels: int = 128,
        kernel_size: int = 3,
        stride: int = 2,
        padding: int = 1,
    ) -> None:
        super().__init__()
        self.input_size = tuple(input_size)
        rows, columns = (pooled_side(side, kernel_size, stride, padding) for side in self.input_size)
        if min(rows, columns) < 1:
            raise UserError(
                f"FastConv: input_size {self.input_size} leaves {rows}x{columns} cells after two convolutions and a "
                "pooling, expected 1x1 at least; make it larger, or the stride smaller"
            )
        self.convolutions = nn.Sequential(
            nn.Conv2d(input_channels, conv_hidden_channels, kernel_size, stride, padding),
            nn.ReLU(),
            nn.Conv2d(conv_hidden_channels, conv_out_channels, kernel_size, stride, padding),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Dropout(dropout_rate1),
        )
        self.vector = nn.Sequential(
            nn.Flatten(),
            nn.Linear(conv_out_channels * rows * columns, fc_out_channels),
            nn.ReLU(),
            nn.Dropout(dropout_rate2),
        )
        self.channels = [fc_out_channels]
        self.strides = [max(self.input_size)]

    def forward(self, image: Tensor) -> list[Tensor]:
        """Extracts the vector.

        Args:
            image: (B, input_channels, H, W), normalised, of the size that it was built for.

        Returns:
            One map (B, fc_out_channels, 1, 1).

        Raises:
            UserError: if the image has another size.
        """
        size = map_size(image)
        if size != self.input_size:
            raise UserError(
                f"FastConv got an image of {size[0]}x{size[1]} and was built for {self.input_size[0]}x"
                f"{self.input_size[1]}; use dict(type='Resize', size={self.input_size}, multiple_of=1, "
                "keep_aspect=False), or set its input_size"
            )
        return [self.vector(self.convolutions(image))[..., None, None]]


def pooled_side(side: int, kernel_size: int, stride: int, padding: int) -> int:
    """Cells that are left of a side after both convolutions and the pooling.

    >>> pooled_side(140, kernel_size=3, stride=2, padding=1)
    17
    """
    for _ in range(2):
        side = (side + 2 * padding - kernel_size) // stride + 1
    return side // 2
