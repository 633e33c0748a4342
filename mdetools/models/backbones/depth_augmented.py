"""A backbone that sees depth beside the image, or in its place."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mdetools.contract import quantity_of
from mdetools.errors import UserError
from mdetools.geometry import resize_centred
from mdetools.models.batch_steps.pseudo_labels import predict_inverse_depth
from mdetools.models.data_preprocessor import IMAGENET_MEAN, IMAGENET_STD
from mdetools.models.depth_network import build_depth_network, pair
from mdetools.models.layers.depth_channel import RGB, depth_channel, take_channels
from mdetools.registry import BACKBONES

__all__ = ["DepthAugmentedBackbone"]

CHANNELS = (("image", "depth"), ("depth",))


@BACKBONES.register_module()
class DepthAugmentedBackbone(nn.Module):
    """Any backbone of images, with depth as a fourth channel, or alone.

    The channel is inverse depth of mean 0 and deviation 1 in each image, see `depth_channel`. It comes

    - from the batch, where the step `DepthChannel` has put it behind the image: a data set's own depth, or labels of
      `tools/pseudo_label.py`, which spares a depth network its run in every epoch;
    - else from `depth`, a network that is a part of this one: it is in the checkpoint and in the exported graph, so
      that whoever predicts needs nothing but an image.

    The weights of the fourth channel start at zero, and nothing else is drawn in another order: before its first step
    the network equals that of the image alone, to the bit.

    >>> backbone = DepthAugmentedBackbone(dict(type="TimmBackbone", name="resnet18"), depth="mdetools-tiny").eval()
    >>> [tuple(features.shape) for features in backbone(torch.zeros(1, 3, 64, 64))]
    [(1, 64, 16, 16), (1, 128, 8, 8), (1, 256, 4, 4), (1, 512, 2, 2)]

    Args:
        backbone: config from BACKBONES, of a backbone whose first convolution takes an image, or one channel more.
        depth: the depth network: its config, from MODELS, or the name of a model that comes with mdetools, or a
            published file; None takes depth from the batch alone.
        checkpoint: weights of a `depth` that is a config, of any known format.
        channels: ("image", "depth") or ("depth",).
        frozen: leave the depth network as it is, in evaluation mode; False trains it with all the rest.
        depth_size: (height, width) that images have for the depth network, or an int for both; None takes what its
            published file says, or else the images as they are.
        mean: of the normalised images, to undo it: that of the model's `data_preprocessor`.
        std: likewise.
        weights_as_is: load the checkpoint even if it says that it was made for another model, with a warning.

    Attributes:
        channels: those of the backbone's maps.
        strides: likewise.

    Raises:
        UserError: if there are no such channels, the backbone takes none, or the depth network cannot be read.
    """

    def __init__(
        self,
        backbone: dict,
        depth: dict | str | None = None,
        checkpoint: str | None = None,
        channels: Sequence[str] = ("image", "depth"),
        frozen: bool = True,
        depth_size: int | tuple[int, int] | None = None,
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
        weights_as_is: bool = False,
    ) -> None:
        super().__init__()
        if tuple(channels) not in CHANNELS:
            raise UserError(
                f"DepthAugmentedBackbone got channels={tuple(channels)}, expected ('image', 'depth') or ('depth',); "
                "take the backbone itself for images alone"
            )
        self.backbone = BACKBONES.build(backbone)
        self.sees_image = "image" in channels
        take_channels(self.backbone, self.sees_image, further=1)
        self.channels, self.strides = self.backbone.channels, self.backbone.strides
        self.frozen, self.depth, self.depth_size = frozen, None, None
        if depth is not None:
            self.depth, size = build_depth_network(depth, checkpoint, weights_as_is)
            self.depth_size = size if depth_size is None else pair(depth_size)
            self.depth.requires_grad_(not frozen)
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1), persistent=False)
        self.train(self.training)

    def train(self, mode: bool = True) -> "DepthAugmentedBackbone":
        """As of any module; a frozen depth network stays in evaluation mode."""
        super().train(mode)
        if self.depth is not None and self.frozen:
            self.depth.eval()
        return self

    def forward(self, image: Tensor) -> list[Tensor]:
        """Extracts the maps.

        Args:
            image: (B, 3, H, W), normalised, or (B, 4, H, W) with the depth channel behind it.

        Raises:
            UserError: if there is no depth, or a network that is trained would get none of it.
        """
        image, given = image[:, :RGB], image[:, RGB:]
        channel = given if given.shape[1] else self.predict_channel(image)
        if given.shape[1] and self.depth is not None and not self.frozen:
            raise UserError(
                "DepthAugmentedBackbone trains its depth network (frozen=False), and the batch brings depth, so that "
                "the network would learn nothing; leave the step DepthChannel out"
            )
        return self.backbone(torch.cat([image, channel.to(image.dtype)], 1) if self.sees_image else channel)

    def predict_channel(self, image: Tensor) -> Tensor:
        """The depth channel (B, 1, H, W) of normalised images (B, 3, H, W)."""
        if self.depth is None:
            raise UserError(
                "DepthAugmentedBackbone got images without depth, and has no depth network; add the step "
                "dict(type='DepthChannel') to data_preprocessor.steps and depth to the data set, or set "
                "model.backbone.depth, e.g. to 'mdetools-tiny'"
            )
        return depth_channel(predict_inverse_depth(self.run_depth, image * self.std + self.mean))

    def run_depth(self, image: Tensor) -> dict[str, Tensor]:
        """The depth network's `Prediction` for images (B, 3, H, W) in [0, 1]."""
        if self.depth_size is not None:
            image = resize_centred(image, self.depth_size)
        prediction = self.depth(self.depth.data_preprocessor.normalize(image), mode="tensor")
        quantity = quantity_of(prediction)
        return {quantity.name: prediction[quantity.name]}
