"""A data set's own depth as a channel of the model's input."""

import torch.nn.functional as F
from torch import Tensor

from mdetools.contract import Targets, inverse_depth_of
from mdetools.models.layers.depth_channel import depth_channel
from mdetools.registry import BATCH_STEPS

__all__ = ["DepthChannel"]


@BATCH_STEPS.register_module()
class DepthChannel:
    """Puts the `inverse_depth` of a batch, or its `depth`, behind the image, for a `DepthAugmentedBackbone`.

    In training and in evaluation, from what the data set reads beside its images: exact depth, or what
    `tools/pseudo_label.py` wrote. A batch without either, such as a user's photograph, stays as it is, and the backbone
    asks its own network. It comes after `CutMix`, so that depth is cut as the images are, and before `Mixup`, which
    mixes the channel as the image. Maps of another size than the image are resized to the nearest, by pixel centres, as
    `Resize` does it in training.

    >>> import torch
    >>> batch = {"image": torch.zeros(1, 3, 2, 2), "depth": torch.tensor([[[[1.0, 2.0], [4.0, 0.0]]]])}
    >>> batch["valid_mask"] = batch["depth"] > 0
    >>> DepthChannel()(batch, training=True)["depth_channel"][0, 0].round(decimals=2)
    tensor([[ 1.3300, -0.2700],
            [-1.0700,  0.0000]])
    """

    def __call__(self, targets: Targets, training: bool) -> Targets:
        """Returns the batch with `depth_channel`, see the function of that name."""
        found = next((name for name in ("inverse_depth", "depth") if name in targets), None)
        if found is None:
            return targets
        size = tuple(targets["image"].shape[-2:])
        values, known = (resize_nearest(targets[name].float(), size) for name in (found, "valid_mask"))
        channel = depth_channel(inverse_depth_of({found: values}), known > 0)
        return {**targets, "depth_channel": channel}


def resize_nearest(values: Tensor, size: tuple[int, int]) -> Tensor:
    """Maps (B, 1, h, w) at another size (H, W), each pixel from the one nearest to its centre."""
    return values if values.shape[-2:] == size else F.interpolate(values, size, mode="nearest-exact")
