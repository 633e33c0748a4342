"""Data sets: from files to samples."""

from mdetools.datasets.base import BaseDataset
from mdetools.datasets.collation import collate_samples
from mdetools.datasets.kitti import KITTIDataset
from mdetools.datasets.nyu import NYUDataset, NYULabeledDataset, NYUListDataset
from mdetools.datasets.rgbd import RGBDDataset
from mdetools.datasets.stereo_pairs import StereoPairDataset
from mdetools.datasets.wrappers import ConcatDataset, RepeatDataset, SubsetDataset

__all__ = [
    "BaseDataset",
    "ConcatDataset",
    "KITTIDataset",
    "NYUDataset",
    "NYULabeledDataset",
    "NYUListDataset",
    "RGBDDataset",
    "RepeatDataset",
    "StereoPairDataset",
    "SubsetDataset",
    "collate_samples",
]
