"""Images of classes, by folders or by a list, with or without depth beside them."""

from mdetools.datasets.class_folder.class_folder_dataset import ClassFolderDataset
from mdetools.datasets.class_folder.class_list_dataset import ClassListDataset

__all__ = ["ClassFolderDataset", "ClassListDataset"]
