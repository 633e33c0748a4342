"""KITTI raw."""

from mdetools.datasets.kitti.kitti_dataset import KITTIDataset

__all__ = ["KITTIDataset"]
