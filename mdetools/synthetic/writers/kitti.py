"""Writes synthetic streets in the layout of the KITTI raw data, with calibration files and velodyne scans."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from mdetools.files import write_text
from mdetools.layouts.kitti import LEFT, RIGHT, drive_path, image_path, scan_path, split_line
from mdetools.layouts.kitti_calibration import write_calibration
from mdetools.layouts.kitti_rig import DATE, rig_calibration
from mdetools.synthetic.raycast.stereo import photograph_pair
from mdetools.synthetic.sensors.kitti_car import camera_at, velodyne_at
from mdetools.synthetic.sensors.lidar import scan
from mdetools.synthetic.streets.street import sample_street
from mdetools.synthetic.writers.encoding import encode_png
from mdetools.synthetic.writers.folder import claim
from mdetools.synthetic.writers.frame_files import PNG_END, write_content
from mdetools.synthetic.writers.jobs import run_jobs

__all__ = ["Frame", "KITTISettings", "render_frame", "write_kitti"]

SPLITS = ("train", "val")
FRAMES_PER_STREET = 4
FORMAT = 1  # to be raised when the same settings give other files


@dataclass(frozen=True)
class KITTISettings:
    """All that the frames depend on.

    Attributes:
        height: of the images, pixels.
        width: of the images, pixels.
        seed: of everything that is drawn.
        range_noise: standard deviation of the velodyne's range, metres.
    """

    height: int = 188
    width: int = 620
    seed: int = 0
    range_noise: float = 0.0


@dataclass(frozen=True)
class Frame:
    """Where a frame stands: split, running number in it."""

    split: str
    index: int

    @property
    def street(self) -> int:
        """Number of the street, within its split."""
        return self.index // FRAMES_PER_STREET

    @property
    def number(self) -> int:
        """Of the frame in its drive."""
        return self.index % FRAMES_PER_STREET

    @property
    def drive(self) -> str:
        """Folder of the drive, relative to the root; the splits take turns with the numbers."""
        number = 1 + len(SPLITS) * self.street + SPLITS.index(self.split)
        return drive_path(DATE, number)

    @property
    def paths(self) -> tuple[str, str, str]:
        """Left image, right image and velodyne scan, relative to the root."""
        left, right = (image_path(self.drive, self.number, camera) for camera in (LEFT, RIGHT))
        return left, right, scan_path(self.drive, self.number)

    @property
    def line(self) -> str:
        """In the split's list."""
        return split_line(self.drive, self.number, "l")


def render_frame(settings: KITTISettings, frame: Frame) -> dict[str, np.ndarray]:
    """Renders one frame; it depends on its arguments alone.

    Returns:
        `left` and `right` uint8 (3, H, W), RGB; `scan` float32 (N, 4), see `lidar.scan`; `depth` float32 (H, W), exact,
        of the left image: metres, inf where there is sky.
    """
    stream = [settings.seed, SPLITS.index(frame.split), frame.street]
    street = sample_street(np.random.default_rng(stream), FRAMES_PER_STREET)
    scene, pose = street.scene(frame.number), street.poses[frame.number]
    size = (settings.height, settings.width)
    left, right = (camera_at(pose, index, *size) for index in (LEFT, RIGHT))
    pair = photograph_pair(scene, left, right, *size, np.random.default_rng([*stream, 0]))
    rng = np.random.default_rng([*stream, 1 + frame.number])
    points = scan(scene, velodyne_at(pose), settings.range_noise, rng)
    return {"left": pair.images[0], "right": pair.images[1], "scan": points, "depth": pair.depth[0]}


def write_kitti(
    root: Path, settings: KITTISettings, counts: dict[str, int], workers: int
) -> Iterator[tuple[Frame, bool]]:
    """Writes a data set; the files do not depend on the number of workers.

    Every file is written to a temporary name and renamed. Frames that are there already, from an earlier run with the
    same settings, are kept if they are whole. The lists of the splits come last.

    Args:
        root: folder, new, empty, or of an earlier run with the same settings.
        settings: what the frames depend on.
        counts: number of frames per split.
        workers: number of processes.

    Yields:
        Each frame, and whether it was written now (and not kept).

    Raises:
        UserError: if the folder holds anything else, or cannot be written to.
    """
    claim(root, {"format": FORMAT, **asdict(settings), **counts})
    write_calibration(root / DATE, *rig_calibration(settings.height, settings.width))
    frames = {split: [Frame(split, index) for index in range(counts[split])] for split in SPLITS}
    every = [frame for split in SPLITS for frame in frames[split]]
    yield from run_jobs(_write_job, [(root, settings, frame) for frame in every], workers)
    for split in SPLITS:
        write_text(root / f"{split}.txt", "".join(f"{frame.line}\n" for frame in frames[split]))


def _write_job(job: tuple[Path, KITTISettings, Frame]) -> tuple[Frame, bool]:
    root, settings, frame = job
    left, right, points = (root / path for path in frame.paths)
    size = (settings.height, settings.width)
    # Not a generator: each file that is broken is to be named.
    if all([_is_whole_image(left, *size), _is_whole_image(right, *size), _is_whole_scan(points)]):
        return frame, False
    data = render_frame(settings, frame)
    write_content(left, encode_png(data["left"][::-1].transpose(1, 2, 0)))
    write_content(right, encode_png(data["right"][::-1].transpose(1, 2, 0)))
    write_content(points, data["scan"].tobytes())
    return frame, True


def _is_whole_image(path: Path, height: int, width: int) -> bool:
    """Whether an image is there, from its head (its size) to its end."""
    if not path.is_file():
        return False
    content = path.read_bytes()
    if content[16:24] == np.array([width, height], ">u4").tobytes() and content.endswith(PNG_END):
        return True
    sys.stderr.write(f"{path}: could not be read; it is written again\n")
    return False


def _is_whole_scan(path: Path) -> bool:
    """Whether a scan is there, and a whole number of points."""
    if not path.is_file():
        return False
    size = path.stat().st_size
    if size > 0 and size % 16 == 0:
        return True
    sys.stderr.write(f"{path}: could not be read; it is written again\n")
    return False
