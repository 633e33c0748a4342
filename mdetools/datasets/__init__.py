"""Datasets: from files to samples."""

from mdetools.datasets.base import DepthDataset
from mdetools.datasets.kitti.kitti_dataset import KITTIDataset
from mdetools.datasets.nyu.nyu_dataset import NYUDataset

__all__ = ["DepthDataset", "KITTIDataset", "NYUDataset"]
