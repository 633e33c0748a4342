"""The data contract: what travels between datasets, models, losses and metrics.

Everything is a plain dict of tensors. Units are metres and pixels; pixel centres lie at integer coordinates.
"""

from typing import NamedTuple, TypedDict

from torch import Tensor

__all__ = ["Prediction", "Sample", "SampleIndex", "Targets"]


class SampleIndex(NamedTuple):
    """What a sampler asks of a dataset; all the randomness of a sample follows from it alone."""

    seed: int
    epoch: int
    index: int


class Sample(TypedDict, total=False):
    """One item of a dataset, tensors on the CPU. A batch is the same with a leading axis B."""

    image: Tensor  # uint8 (3, H, W), RGB
    image_right: Tensor  # uint8 (3, H, W), right image of the rectified pair
    depth: Tensor  # float32 (1, H, W), metres along the optical axis, 0 where invalid, never NaN
    inverse_depth: Tensor  # float32 (1, H, W), relative, of unknown scale and shift
    valid_mask: Tensor  # bool (1, H, W), the only source of validity
    region: Tensor  # int64 (1, H, W), which source image a pixel comes from after CutMix
    intrinsics: Tensor  # float32 (3, 3), pixels of the current image
    baseline: Tensor  # float32 (), metres
    meta: dict[str, str]  # {"id": ..., ...}, strings only


class Targets(Sample, total=False):
    """A batch after preprocessing: as `Sample` with a leading axis B, but images are float32 in [0, 1]."""


class Prediction(TypedDict, total=False):
    """What a head returns: exactly one of the first three keys."""

    depth: Tensor  # float (B, 1, H, W), metres
    disparity: Tensor  # float (B, 1, H, W), pixels of this map's own width
    inverse_depth: Tensor  # float (B, 1, H, W), relative, of unknown scale and shift
    pyramid: list[Tensor]  # the same quantity, fine to coarse: the first map is that quantity's own
    features: list[Tensor]  # the backbone's maps, for losses that align features
