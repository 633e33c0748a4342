"""What shares one unknown scale and shift: the pixels of an image, or after CutMix those of each of its regions."""

import torch
from torch import Tensor

from mdetools.geometry import masked_mean

__all__ = ["Groups", "region_ids"]

NEARBY = 4  # ids that lie closer together than this are counted through


def region_ids(region: Tensor) -> Tensor:
    """Ids that hold all those of a batch's regions, int64 (R,). A GPU has to be waited for: R is the host's."""
    lowest, highest = torch.stack(region.aminmax()).tolist()
    if highest - lowest < NEARBY:  # looking for the distinct ones takes a hundred times as long
        return torch.arange(lowest, highest + 1, device=region.device)
    return region.unique()


class Groups:
    """Splits the maps of a batch into rows, each of which has its own scale and shift.

    Source of the mean: Depth Anything (Yang et al., CVPR 2024), eqs. 10 to 13.

    >>> valid = torch.ones(1, 1, 1, 4, dtype=torch.bool)
    >>> groups = Groups(valid, region=torch.tensor([[[[0, 0, 0, 9]]]]))
    >>> groups.mask.flatten(1).tolist()
    [[True, True, True, False], [False, False, False, True]]
    >>> groups.mean(torch.tensor([1.0, 5.0]))
    tensor(2.)

    Args:
        valid_mask: bool (B, 1, H, W).
        region: int64 (B, 1, H, W), any ids; None where the pixels of an image belong together.

    Attributes:
        mask: bool (B * R, H, W), the valid pixels of each region of each image; R is 1 without regions.
        share: (B, R), float32, each region's part of the image's area, holes included. Regions without a valid pixel
            have none of it, so that a row sums to 1, or to 0 for an image without valid pixels.
    """

    def __init__(self, valid_mask: Tensor, region: Tensor | None = None) -> None:
        if region is None:
            inside, area = valid_mask, 1.0
        else:
            inside = region == region_ids(region).view(-1, 1, 1)
            area = inside.sum((2, 3))
        mask = valid_mask & inside
        share = area * mask.flatten(2).any(2)
        self.share = share / share.sum(1, keepdim=True).clamp(min=1)
        self.mask = mask.flatten(0, 1)

    def rows(self, values: Tensor) -> Tensor:
        """A map (B, 1, H, W) once for each region: (B * R, H, W)."""
        return values.expand(-1, self.share.shape[1], -1, -1).flatten(0, 1)

    def mean(self, per_group: Tensor) -> Tensor:
        """Mean over the regions of an image by their share, then over the images that have a valid pixel.

        Args:
            per_group: (B * R,).

        Returns:
            (); a graph-attached 0 if no image has a valid pixel.
        """
        per_image = (per_group.view_as(self.share) * self.share).sum(1)
        return masked_mean(per_image, self.share.any(1), dims=(0,))
