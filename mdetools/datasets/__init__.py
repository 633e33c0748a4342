"""Data sets: from files to samples."""

from mdetools.datasets.ade20k_dataset import ADE20KDataset
from mdetools.datasets.base import BaseDataset
from mdetools.datasets.blendedmvs_dataset import BlendedMVSDataset
from mdetools.datasets.cityscapes_dataset import CityscapesDataset
from mdetools.datasets.class_folder import ClassFolderDataset, ClassListDataset
from mdetools.datasets.collation import collate_samples
from mdetools.datasets.diode_dataset import DIODEDataset
from mdetools.datasets.hypersim import HypersimDataset
from mdetools.datasets.image_folder import ImageFolderDataset
from mdetools.datasets.irs_dataset import IRSDataset
from mdetools.datasets.kitti import KITTIDataset
from mdetools.datasets.nyu import NYUDataset, NYULabeledDataset, NYUListDataset
from mdetools.datasets.point_pairs import DA2KDataset, PointPairDataset
from mdetools.datasets.rgbd import RGBDDataset
from mdetools.datasets.scannet_dataset import ScanNetDataset
from mdetools.datasets.segmentation_folder import SegmentationFolderDataset
from mdetools.datasets.stereo_pairs import StereoPairDataset
from mdetools.datasets.sunrgbd_dataset import SUNRGBDDataset
from mdetools.datasets.tartanair_dataset import TartanAirDataset
from mdetools.datasets.vkitti2 import VKITTI2Dataset
from mdetools.datasets.wrappers import ConcatDataset, OtherDepthDataset, RepeatDataset, SubsetDataset

__all__ = [
    "ADE20KDataset",
    "BaseDataset",
    "BlendedMVSDataset",
    "CityscapesDataset",
    "ClassFolderDataset",
    "ClassListDataset",
    "ConcatDataset",
    "DA2KDataset",
    "DIODEDataset",
    "HypersimDataset",
    "IRSDataset",
    "ImageFolderDataset",
    "KITTIDataset",
    "NYUDataset",
    "NYULabeledDataset",
    "NYUListDataset",
    "OtherDepthDataset",
    "PointPairDataset",
    "RGBDDataset",
    "RepeatDataset",
    "StereoPairDataset",
    "SUNRGBDDataset",
    "ScanNetDataset",
    "SegmentationFolderDataset",
    "SubsetDataset",
    "TartanAirDataset",
    "VKITTI2Dataset",
    "collate_samples",
]
