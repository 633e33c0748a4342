"""The dicts that travel between data sets, models, losses and metrics, for annotations and readers.

Everything is a plain dict of tensors. Units are metres and pixels; pixel centres lie at integer coordinates. What each
key of a sample is stands in `FIELDS`, what a model can predict in `QUANTITIES`.
"""

from typing import NamedTuple, TypedDict

from torch import Tensor

__all__ = ["Prediction", "Sample", "SampleIndex", "Targets"]


class SampleIndex(NamedTuple):
    """What a sampler asks of a data set; all the randomness of a sample follows from it alone."""

    seed: int
    epoch: int
    index: int


class Sample(TypedDict, total=False):
    """One item of a data set, tensors on the CPU. Only `image` and `meta` are always there."""

    image: Tensor  # uint8 (3, H, W), RGB
    image_right: Tensor  # uint8 (3, H, W), right image of the rectified pair
    image_clean: Tensor  # uint8 (3, H, W), the same crop without changes of colour, for a teacher
    depth: Tensor  # float32 (1, H, W), metres along the optical axis, 0 where invalid, never NaN
    inverse_depth: Tensor  # float32 (1, H, W), relative, of unknown scale and shift
    valid_mask: Tensor  # bool (1, H, W), the only source of validity
    sky: Tensor  # bool (1, H, W), infinitely far: without depth and not in `valid_mask`, until `InverseDepth`
    semantic: Tensor  # int64 (1, H, W), class of each pixel, 255 where unknown
    intrinsics: Tensor  # float32 (3, 3), pixels of the current image
    baseline: Tensor  # float32 (), metres
    size: Tensor  # int64 (2,), (height, width) of what the image shows, in pixels as loaded
    label: Tensor  # int64 (), class of the image
    unlabelled: Tensor  # bool (), whether it is from a data set without labels
    point_pairs: Tensor  # float32 (N, 2, 2), (x, y) in pixels of the current image, the closer point first
    meta: dict[str, str]  # {"id": ..., ...}, strings only


class Targets(Sample, total=False):
    """A batch after preprocessing: as `Sample` with a leading axis B, but images are float32 in [0, 1]."""

    region: Tensor  # int64 (B, 1, H, W), which source image a pixel comes from after CutMix
    features: Tensor  # float32 (B, C, h, w), of a frozen network
    depth_channel: Tensor  # float32 (B, 1, H, W), inverse depth of mean 0 and deviation 1 in each image


class Prediction(TypedDict, total=False):
    """What a head returns: exactly one of the first five keys. A `depth` may be derived from `disparity` later."""

    depth: Tensor  # float (B, 1, H, W), metres
    disparity: Tensor  # float (B, 1, H, W), pixels of this map's own width
    inverse_depth: Tensor  # float (B, 1, H, W), relative, of unknown scale and shift
    logits: Tensor  # float (B, K, H, W), a score per class and pixel before the softmax
    scores: Tensor  # float (B, K), a score per class before the softmax
    pyramid: list[Tensor]  # the same quantity, fine to coarse: the first map is that quantity's own
    features: list[Tensor]  # the backbone's maps, for losses that align features
