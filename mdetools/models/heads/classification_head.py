"""Classes of the whole image."""

from collections.abc import Sequence

from torch import Tensor, nn

from mdetools.contract import Prediction
from mdetools.errors import UserError
from mdetools.registry import HEADS

__all__ = ["ClassificationHead"]


@HEADS.register_module()
class ClassificationHead(nn.Module):
    """A score per class, from the mean of the coarsest map: global average pooling, dropout, one linear layer.

    A backbone that gives a vector, a map of one cell, such as `FastConv`, is taken as it is.

    >>> import torch
    >>> head = ClassificationHead(in_channels=[8, 16], in_strides=[4, 8], num_classes=5)
    >>> head([torch.zeros(2, 8, 16, 16), torch.zeros(2, 16, 8, 8)], (64, 64))["scores"].shape
    torch.Size([2, 5])

    Args:
        in_channels: of the backbone's maps; those of the last one count.
        in_strides: of the backbone's maps; not read, as the size does not matter.
        num_classes: K, two or more.
        dropout: before the linear layer.
        class_names: K names, by which `tools/infer.py` tells what it sees; None for none. They are in a checkpoint, as
            its config is.

    Raises:
        UserError: if there are fewer than two classes, or another number of names.
    """

    quantity = "scores"

    def __init__(
        self,
        in_channels: Sequence[int],
        in_strides: Sequence[int],
        num_classes: int,
        dropout: float = 0.0,
        class_names: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        if num_classes < 2:
            raise UserError(f"ClassificationHead: num_classes is {num_classes}, expected 2 or more; set it so")
        if class_names is not None and len(class_names) != num_classes:
            raise UserError(
                f"ClassificationHead got {len(class_names)} class_names and num_classes={num_classes}; give as many"
            )
        self.class_names = class_names
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(in_channels[-1], num_classes)

    def forward(self, features: Sequence[Tensor], image_size: tuple[int, int]) -> Prediction:
        """Predicts.

        Args:
            features: maps (B, C, h, w), fine to coarse.
            image_size: of the image; scores have none.

        Returns:
            `scores` (B, K), float32, before the softmax.
        """
        return {"scores": self.linear(self.dropout(features[-1].mean((2, 3)))).float()}
