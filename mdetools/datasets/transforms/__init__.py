"""Transforms of working samples: numpy arrays in, `PackSample` last, which gives tensors."""

from mdetools.datasets.transforms.benchmark_crop import BenchmarkCrop
from mdetools.datasets.transforms.channel_scale import ChannelScale
from mdetools.datasets.transforms.clean_view import CleanView
from mdetools.datasets.transforms.cropping import RandomAspectCrop, RandomCrop, RandomZoom
from mdetools.datasets.transforms.depth_range import DepthRange
from mdetools.datasets.transforms.gaussian_noise import GaussianNoise
from mdetools.datasets.transforms.geometric import RandomHorizontalFlip, Resize
from mdetools.datasets.transforms.inverse_depth import InverseDepth
from mdetools.datasets.transforms.packing import PackSample
from mdetools.datasets.transforms.photometric import Albumentations
from mdetools.datasets.transforms.rand_augment import RandAugment

__all__ = [
    "Albumentations",
    "BenchmarkCrop",
    "ChannelScale",
    "CleanView",
    "DepthRange",
    "GaussianNoise",
    "InverseDepth",
    "PackSample",
    "RandAugment",
    "RandomAspectCrop",
    "RandomCrop",
    "RandomHorizontalFlip",
    "RandomZoom",
    "Resize",
]
