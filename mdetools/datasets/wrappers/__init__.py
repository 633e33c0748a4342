"""Data sets made of data sets. All pass a `SampleIndex` on, so that samples stay what they are on their own."""

from mdetools.datasets.wrappers.concat_dataset import ConcatDataset
from mdetools.datasets.wrappers.other_depth_dataset import OtherDepthDataset
from mdetools.datasets.wrappers.repeat_dataset import RepeatDataset
from mdetools.datasets.wrappers.subset_dataset import SubsetDataset

__all__ = ["ConcatDataset", "OtherDepthDataset", "RepeatDataset", "SubsetDataset"]
