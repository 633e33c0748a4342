"""NYU Depth V2, a class for each layout."""

from mdetools.datasets.nyu.nyu_dataset import NYUDataset

__all__ = ["NYUDataset"]
