"""NYU Depth V2, a class for each layout."""

from mdetools.datasets.nyu.nyu_dataset import NYUDataset
from mdetools.datasets.nyu.nyu_labeled_dataset import NYULabeledDataset
from mdetools.datasets.nyu.nyu_list_dataset import NYUListDataset

__all__ = ["NYUDataset", "NYULabeledDataset", "NYUListDataset"]
