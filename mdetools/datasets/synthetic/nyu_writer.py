"""Writes synthetic rooms in the FastDepth layout of NYU Depth V2: `<root>/<split>/<room>/<frame>.h5`."""

import json
import re
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from mdetools.datasets.synthetic.photo import photograph
from mdetools.datasets.synthetic.rooms import sample_camera, sample_room
from mdetools.datasets.synthetic.sensor import KinectModel
from mdetools.errors import UserError

__all__ = ["NYUSettings", "render_frame", "write_nyu"]

SPLITS = ("train", "val")
FRAMES_PER_ROOM = 2
MARKER = "synthetic.json"
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
        return f"{self.split}/room_{self.room:05d}/{self.index % FRAMES_PER_ROOM:05d}.h5"


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
        counts: number of frames a split.
        workers: number of processes.

    Yields:
        For each frame its path, relative to the root, and whether it was written now (and not kept).

    Raises:
        UserError: if the folder holds anything else, or can't be written to.
    """
    _claim(root, {"format": FORMAT, **asdict(settings), **counts})
    frames = [Frame(split, index) for split in SPLITS for index in range(counts[split])]
    jobs = [(root, settings, frame) for frame in frames]
    if workers == 1:
        yield from map(_write_job, jobs)
        return
    # Forked where that is safe: a spawned process would import torch anew, which takes seconds and which it never uses.
    context = get_context("fork" if sys.platform == "linux" else "spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts_to_parent) as pool:
        try:
            yield from pool.map(_write_job, jobs, chunksize=4)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _leave_interrupts_to_parent() -> None:
    """Ctrl-C reaches every process of a terminal; one message is enough."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _claim(root: Path, settings: dict) -> None:
    """Marks the folder as this data set's, unless it is another's."""
    marker = root / MARKER
    if marker.is_file():
        found = marker.read_text()
        if found != _as_text(settings):
            raise UserError(
                f"{root}: holds a data set made with {' '.join(found.split())}, not {json.dumps(settings)}; "
                "choose another folder, or delete this one"
            )
        return
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UserError(f"{root}: holds other data; choose a new or an empty folder")
    try:
        root.mkdir(parents=True, exist_ok=True)
        marker.write_text(_as_text(settings))
    except OSError as error:
        raise UserError(f"{root}: cannot be written to ({error.strerror}); choose another folder") from error


def _as_text(settings: dict) -> str:
    return json.dumps(settings, indent=2) + "\n"


def _write_job(job: tuple[Path, NYUSettings, Frame]) -> tuple[str, bool]:
    root, settings, frame = job
    path = root / frame.path
    if _is_whole(path, settings):
        return frame.path, False
    data = render_frame(settings, frame.split, frame.index)
    try:
        _write(path, data)
    except OSError as error:
        path.with_suffix(".tmp").unlink(missing_ok=True)
        raise UserError(f"{path}: cannot be written ({_reason(error)}); mend that and run it again") from error
    return frame.path, True


def _reason(error: OSError) -> str:
    """Why a file could not be written; HDF5 hides the system's message in a long text of several lines."""
    message = re.search(r"error message = '([^']*)'", str(error))
    return message[1] if message else error.strerror or " ".join(str(error).split())


def _write(path: Path, data: dict[str, np.ndarray]) -> None:
    import h5py

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    with h5py.File(temporary, "w") as file:
        for key, value in data.items():
            file.create_dataset(key, data=value)
    temporary.replace(path)


def _is_whole(path: Path, settings: NYUSettings) -> bool:
    """Whether a frame is there and can be read."""
    import h5py

    if not path.is_file():
        return False
    try:
        with h5py.File(path, "r") as file:
            return file["depth"][()].shape == (settings.height, settings.width) and {"rgb", "intrinsics"} <= set(file)
    except (OSError, KeyError):
        sys.stderr.write(f"{path}: could not be read; it is written anew\n")
        return False
