"""What is measured of a frame: functions from a `Frame` to a dict of numbers, run in the workers.

`ALWAYS` are for every frame. `SAMPLED` take longer and are for a sample of frames, see `sampled_frames`.
"""

from mdetools.datasets.doctor.measures.bands import bands
from mdetools.datasets.doctor.measures.camera import camera
from mdetools.datasets.doctor.measures.depth_values import depth_values
from mdetools.datasets.doctor.measures.exif import exif_orientation
from mdetools.datasets.doctor.measures.fingerprint import fingerprint
from mdetools.datasets.doctor.measures.planes import planes
from mdetools.datasets.doctor.measures.registration import registration
from mdetools.datasets.doctor.measures.stereo import stereo
from mdetools.datasets.doctor.measures.stored import stored

__all__ = ["ALWAYS", "SAMPLED"]

ALWAYS = (depth_values, fingerprint, camera, exif_orientation)
SAMPLED = (registration, planes, bands, stereo, stored)
