"""Writes synthetic rooms in the FastDepth layout of NYU Depth V2: `<root>/<split>/<room>/<frame>.h5`."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from mdetools.files import replacing
from mdetools.layouts.nyu import frame_path
from mdetools.synthetic.raycast.photo import photograph
from mdetools.synthetic.rooms.room import sample_room
from mdetools.synthetic.rooms.viewpoints import sample_camera
from mdetools.synthetic.sensors.kinect import KinectModel
from mdetools.synthetic.writers.folder import claim
from mdetools.synthetic.writers.jobs import run_jobs

__all__ = ["NYUSettings", "render_frame", "write_nyu"]

SPLITS = ("train", "val")
FRAMES_PER_ROOM = 2
FORMAT = 1  # to be raised when the same settings give other files


@dataclass(frozen=True)
class NYUSettings:
    """All that the frames depend on.

    Attributes:
        height: of the images, pixels.
        width: of the images, pixels.
        seed: of everything that is drawn.
        sensor: whether the depth is a Kinect's (holes, steps, noise) and not exact.
    """

    height: int = 240
    width: int = 320
    seed: int = 0
    sensor: bool = False


@dataclass(frozen=True)
class Frame:
    """Where a frame stands: split, running number in it."""

    split: str
    index: int

    @property
    def room(self) -> int:
        """Number of the room, within its split."""
        return self.index // FRAMES_PER_ROOM

    @property
    def path(self) -> str:
        """Relative to the root."""
        return frame_path(self.split, f"room_{self.room:05d}", self.index % FRAMES_PER_ROOM)


def render_frame(settings: NYUSettings, split: str, index: int) -> dict[str, np.ndarray]:
    """Renders one frame; it depends on its arguments alone.

    Args:
        settings: size, seed, sensor.
        split: `train` or `val`; they share no room.
        index: of the frame in its split; `FRAMES_PER_ROOM` in a row show the same room.

    Returns:
        `rgb` uint8 (3, H, W), `depth` float32 (H, W) in metres with 0 where there is none, `intrinsics` float32 (3, 3).
    """
    stream = [settings.seed, SPLITS.index(split), index // FRAMES_PER_ROOM]
    room = sample_room(np.random.default_rng(stream))
    rng = np.random.default_rng([*stream, 1 + index % FRAMES_PER_ROOM])
    height, width = settings.height, settings.width
    camera = sample_camera(room, rng, height, width)
    image, hits = photograph(room.scene, camera, height, width, rng)
    depth = hits.t.reshape(height, width)
    if settings.sensor:
        glows = np.array([part.emission > 0 for part in room.scene.parts])
        cosine = camera.incidence(hits.normal, height, width)
        focal = float(camera.intrinsics[0, 0])
        depth = KinectModel()(depth, cosine, glows[hits.part].reshape(height, width), focal, rng)
    depth = np.where(np.isfinite(depth), depth, np.float32(0))
    return {"rgb": image, "depth": depth, "intrinsics": camera.intrinsics}


def write_nyu(root: Path, settings: NYUSettings, counts: dict[str, int], workers: int) -> Iterator[tuple[str, bool]]:
    """Writes a data set; the files do not depend on the number of workers.

    Every file is written to a temporary name and renamed. Frames that are there already, from an earlier run with the
    same settings, are kept if they can be read.

    Args:
        root: folder, new, empty, or of an earlier run with the same settings.
        settings: what the frames depend on.
        counts: number of frames per split.
        workers: number of processes.

    Yields:
        For each frame its path, relative to the root, and whether it was written now (and not kept).

    Raises:
        UserError: if the folder holds anything else, or cannot be written to.
    """
    claim(root, {"format": FORMAT, **asdict(settings), **counts})
    frames = [Frame(split, index) for split in SPLITS for index in range(counts[split])]
    yield from run_jobs(_write_job, [(root, settings, frame) for frame in frames], workers)


def _write_job(job: tuple[Path, NYUSettings, Frame]) -> tuple[str, bool]:
    root, settings, frame = job
    path = root / frame.path
    if _is_whole(path, settings):
        return frame.path, False
    _write(path, render_frame(settings, frame.split, frame.index))
    return frame.path, True


def _write(path: Path, data: dict[str, np.ndarray]) -> None:
    import h5py

    with replacing(path) as temporary, h5py.File(temporary, "w") as file:
        for key, value in data.items():
            file.create_dataset(key, data=value)


def _is_whole(path: Path, settings: NYUSettings) -> bool:
    """Whether a frame is there and can be read."""
    import h5py

    if not path.is_file():
        return False
    try:
        with h5py.File(path, "r") as file:
            return file["depth"][()].shape == (settings.height, settings.width) and {"rgb", "intrinsics"} <= set(file)
    except (OSError, KeyError):
        sys.stderr.write(f"{path}: could not be read; it is written again\n")
        return False
