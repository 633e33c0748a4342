"""Writes views that belong to classes, one folder for each, with their exact depth in folders beside.

`<root>/<split>/<class>/*.jpg` and `<root>/depth/<split>/<class>/*.npz`.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from mdetools.errors import UserError, suggest
from mdetools.synthetic.worlds.classified import TASKS
from mdetools.synthetic.worlds.finish import photograph_view
from mdetools.synthetic.writers.encoding import as_half, encode_jpeg
from mdetools.synthetic.writers.folder import claim
from mdetools.synthetic.writers.frame_files import read_whole, write_arrays, write_content
from mdetools.synthetic.writers.jobs import run_jobs

__all__ = ["ClassificationFrame", "ClassificationSettings", "render_frame", "write_classification"]

SPLITS = ("train", "val")
FORMAT = 1  # to be raised when the same settings give other files
QUALITY = (75, 99)  # of the JPEGs


@dataclass(frozen=True)
class ClassificationSettings:
    """All that the frames depend on.

    Attributes:
        task: what is to be told apart (`mdetools.synthetic.worlds.classified.TASKS`).
        height: of the images, pixels.
        width: of the images, pixels.
        seed: of everything that is drawn.
    """

    task: str = "layouts"
    height: int = 96
    width: int = 128
    seed: int = 0

    @property
    def classes(self) -> list[str]:
        """Their names; frames in a row take turns with them."""
        return list(TASKS[self.task].classes)


@dataclass(frozen=True)
class ClassificationFrame:
    """Where a frame stands: split, running number in it, name of its class."""

    split: str
    index: int
    label: str

    @property
    def paths(self) -> tuple[str, str]:
        """Image and depth, relative to the root."""
        stem = f"{self.split}/{self.label}/{self.index:06d}"
        return f"{stem}.jpg", f"depth/{stem}.npz"


def render_frame(settings: ClassificationSettings, frame: ClassificationFrame) -> dict[str, np.ndarray]:
    """Renders one frame; it depends on its arguments alone.

    What is drawn does not depend on the frame's class, but for what the class stands for.

    Returns:
        `image` uint8 (H, W, 3), RGB; `depth` float32 (H, W) in metres, exact; `intrinsics` float32 (3, 3); `quality`,
        of the JPEG, int64.
    """
    rng = np.random.default_rng([settings.seed, SPLITS.index(frame.split), frame.index])
    view = TASKS[settings.task].sample(rng, (settings.height, settings.width), frame.label)
    image, depth = photograph_view(view, rng)
    return {"image": image, "depth": depth, "intrinsics": view.camera.intrinsics, "quality": rng.integers(*QUALITY)}


def write_classification(
    root: Path, settings: ClassificationSettings, counts: dict[str, int], workers: int
) -> Iterator[tuple[ClassificationFrame, bool]]:
    """Writes a data set; the files do not depend on the number of workers.

    Every file is written to a temporary name and renamed. Frames that are there already, from an earlier run with the
    same settings, are kept if they can be read. The classes have equally many frames, give or take one.

    Args:
        root: folder, new, empty, or of an earlier run with the same settings.
        settings: what the frames depend on.
        counts: number of frames per split.
        workers: number of processes.

    Yields:
        Each frame, and whether it was written now (and not kept).

    Raises:
        UserError: if there is no such task, or the folder holds anything else, or cannot be written to.
    """
    if settings.task not in TASKS:
        raise UserError(f"there are no classes of '{settings.task}'; {suggest(settings.task, TASKS)}")
    claim(root, {"format": FORMAT, **asdict(settings), **counts})
    classes = settings.classes
    every = [
        ClassificationFrame(split, index, classes[index % len(classes)])
        for split in SPLITS
        for index in range(counts[split])
    ]
    yield from run_jobs(_write_job, [(root, settings, frame) for frame in every], workers)


def _write_job(job: tuple[Path, ClassificationSettings, ClassificationFrame]) -> tuple[ClassificationFrame, bool]:
    root, settings, frame = job
    image, depth = (root / path for path in frame.paths)
    if read_whole((image,), depth, ("depth", "inverse_depth")) is not None:
        return frame, False
    data = render_frame(settings, frame)
    write_content(image, encode_jpeg(data["image"], int(data["quality"])))
    inverse_depth = (1 / data["depth"]).astype(np.float16)  # as pseudo-labels hold it
    write_arrays(depth, depth=as_half(data["depth"]), inverse_depth=inverse_depth, intrinsics=data["intrinsics"])
    return frame, True
