"""Readers: from a file to an array."""

from mdetools.datasets.readers.depth_file import DEPTH_ENDINGS, read_depth_file
from mdetools.datasets.readers.ground_truth_file import GroundTruthFile, write_ground_truth
from mdetools.datasets.readers.hdf5 import read_h5
from mdetools.datasets.readers.image import decode_image, read_image, read_pair
from mdetools.datasets.readers.labeled_mat import LabeledMatFile
from mdetools.datasets.readers.mat_split import read_mat_split
from mdetools.datasets.readers.png16 import read_png16
from mdetools.datasets.readers.velodyne import read_scan

__all__ = [
    "DEPTH_ENDINGS",
    "GroundTruthFile",
    "LabeledMatFile",
    "decode_image",
    "read_depth_file",
    "read_h5",
    "read_image",
    "read_mat_split",
    "read_pair",
    "read_png16",
    "read_scan",
    "write_ground_truth",
]
