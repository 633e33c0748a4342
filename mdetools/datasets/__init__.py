"""Datasets: from files to samples."""

from mdetools.datasets.base import DepthDataset
from mdetools.datasets.kitti import KITTIDataset
from mdetools.datasets.nyu import NYUDataset

__all__ = ["DepthDataset", "KITTIDataset", "NYUDataset"]
