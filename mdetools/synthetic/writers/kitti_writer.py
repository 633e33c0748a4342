"""Writes synthetic streets in the layout of the KITTI raw data, with calibration files and velodyne scans."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from mdetools.synthetic.raycast.stereo import photograph_pair
from mdetools.synthetic.sensors.kitti_rig import calibration_files, camera_at, velodyne_at
from mdetools.synthetic.sensors.lidar import scan
from mdetools.synthetic.streets.streets import sample_street
from mdetools.synthetic.writers.writing import claim, replacing, run_jobs

__all__ = ["Frame", "KITTISettings", "render_frame", "write_kitti"]

SPLITS = ("train", "val")
FRAMES_PER_STREET = 4
DATE = "2011_09_26"  # whose calibration it is
FORMAT = 1  # to be raised when the same settings give other files
PNG_COMPRESSION = 1  # little is gained by more: the textures are fine
PNG_END = b"IEND\xaeB`\x82"


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
        return f"{DATE}/{DATE}_drive_{number:04d}_sync"

    @property
    def paths(self) -> tuple[str, str, str]:
        """Left image, right image and velodyne scan, relative to the root."""
        places = (("image_02", "png"), ("image_03", "png"), ("velodyne_points", "bin"))
        return tuple(f"{self.drive}/{folder}/data/{self.number:010d}.{suffix}" for folder, suffix in places)

    @property
    def line(self) -> str:
        """In the split's list."""
        return f"{self.drive} {self.number} l"


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
    left, right = (camera_at(pose, index, *size) for index in (2, 3))
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
        counts: number of frames a split.
        workers: number of processes.

    Yields:
        Each frame, and whether it was written now (and not kept).

    Raises:
        UserError: if the folder holds anything else, or can't be written to.
    """
    claim(root, {"format": FORMAT, **asdict(settings), **counts})
    for name, text in calibration_files(settings.height, settings.width).items():
        _write(root / DATE / name, text.encode())
    frames = {split: [Frame(split, index) for index in range(counts[split])] for split in SPLITS}
    every = [frame for split in SPLITS for frame in frames[split]]
    yield from run_jobs(_write_job, [(root, settings, frame) for frame in every], workers)
    for split in SPLITS:
        _write(root / f"{split}.txt", "".join(f"{frame.line}\n" for frame in frames[split]).encode())


def _write_job(job: tuple[Path, KITTISettings, Frame]) -> tuple[Frame, bool]:
    root, settings, frame = job
    left, right, points = (root / path for path in frame.paths)
    size = (settings.height, settings.width)
    # Not a generator: each file that is broken is to be named.
    if all([_is_whole_image(left, *size), _is_whole_image(right, *size), _is_whole_scan(points)]):
        return frame, False
    data = render_frame(settings, frame)
    _write(left, _as_png(data["left"]))
    _write(right, _as_png(data["right"]))
    _write(points, data["scan"].tobytes())
    return frame, True


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _as_png(image: np.ndarray) -> bytes:
    import cv2

    bgr = np.ascontiguousarray(image[::-1].transpose(1, 2, 0))
    _, encoded = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, PNG_COMPRESSION])
    return encoded.tobytes()


def _is_whole_image(path: Path, height: int, width: int) -> bool:
    """Whether an image is there, from its head (its size) to its end."""
    if not path.is_file():
        return False
    content = path.read_bytes()
    if content[16:24] == np.array([width, height], ">u4").tobytes() and content.endswith(PNG_END):
        return True
    sys.stderr.write(f"{path}: could not be read; it is written anew\n")
    return False


def _is_whole_scan(path: Path) -> bool:
    """Whether a scan is there, and a whole number of points."""
    if not path.is_file():
        return False
    size = path.stat().st_size
    if size > 0 and size % 16 == 0:
        return True
    sys.stderr.write(f"{path}: could not be read; it is written anew\n")
    return False
