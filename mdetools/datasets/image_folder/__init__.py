"""Images without ground truth, or with pseudo-labels beside them."""

from mdetools.datasets.image_folder.image_folder_dataset import ImageFolderDataset

__all__ = ["ImageFolderDataset"]
