"""Writers of data sets."""

from mdetools.synthetic.writers.classification import ClassificationSettings, write_classification
from mdetools.synthetic.writers.kitti import KITTISettings, write_kitti
from mdetools.synthetic.writers.nyu import NYUSettings, write_nyu
from mdetools.synthetic.writers.segmentation import SegmentationSettings, segmentation_settings, write_segmentation
from mdetools.synthetic.writers.worlds import WorldSettings, write_worlds

__all__ = [
    "ClassificationSettings",
    "KITTISettings",
    "NYUSettings",
    "SegmentationSettings",
    "WorldSettings",
    "segmentation_settings",
    "write_classification",
    "write_kitti",
    "write_nyu",
    "write_segmentation",
    "write_worlds",
]
