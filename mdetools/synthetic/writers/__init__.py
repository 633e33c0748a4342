"""Writers of data sets."""

from mdetools.synthetic.writers.kitti import KITTISettings, write_kitti
from mdetools.synthetic.writers.nyu import NYUSettings, write_nyu

__all__ = ["KITTISettings", "NYUSettings", "write_kitti", "write_nyu"]
