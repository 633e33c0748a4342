"""Your own rectified stereo pairs."""

from mdetools.datasets.stereo_pairs.stereo_pair_dataset import StereoPairDataset

__all__ = ["StereoPairDataset"]
