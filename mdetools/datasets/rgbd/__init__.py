"""Your own images with depth."""

from mdetools.datasets.rgbd.rgbd_dataset import RGBDDataset

__all__ = ["RGBDDataset"]
