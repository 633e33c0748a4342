"""Writers of data sets."""

from mdetools.synthetic.writers.kitti import KITTISettings, write_kitti
from mdetools.synthetic.writers.nyu import NYUSettings, write_nyu
from mdetools.synthetic.writers.worlds import WorldSettings, write_worlds

__all__ = ["KITTISettings", "NYUSettings", "WorldSettings", "write_kitti", "write_nyu", "write_worlds"]
