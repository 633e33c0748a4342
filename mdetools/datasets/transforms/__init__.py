"""Transforms of working samples: numpy arrays in, `PackSample` last, which gives tensors."""

from mdetools.datasets.transforms.depth_range import DepthRange
from mdetools.datasets.transforms.geometric import RandomAspectCrop, RandomCrop, RandomHorizontalFlip, Resize
from mdetools.datasets.transforms.packing import PackSample
from mdetools.datasets.transforms.photometric import Albumentations

__all__ = [
    "Albumentations",
    "DepthRange",
    "PackSample",
    "RandomAspectCrop",
    "RandomCrop",
    "RandomHorizontalFlip",
    "Resize",
]
