"""Virtual KITTI 2."""

from mdetools.datasets.vkitti2.vkitti2_dataset import VKITTI2Dataset

__all__ = ["VKITTI2Dataset"]
