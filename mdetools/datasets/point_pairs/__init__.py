"""Images with pairs of points, of each of which it is known which point is closer."""

from mdetools.datasets.point_pairs.da2k_dataset import DA2KDataset
from mdetools.datasets.point_pairs.point_pair_dataset import PointPairDataset

__all__ = ["DA2KDataset", "PointPairDataset"]
