"""Images with a class per pixel."""

from mdetools.datasets.segmentation_folder.segmentation_folder_dataset import SegmentationFolderDataset

__all__ = ["SegmentationFolderDataset"]
