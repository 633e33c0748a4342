"""Writes frames of worlds of many kinds as images with depth.

`<root>/<split>/images/*.jpg`, `<root>/<split>/depth/*.npz` and a list `<root>/<split>.txt` with the cameras.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from mdetools.errors import UserError, suggest
from mdetools.files import write_text
from mdetools.synthetic.worlds import KINDS, SHARES, photograph_view, sample_view
from mdetools.synthetic.writers.encoding import as_half, encode_jpeg
from mdetools.synthetic.writers.folder import claim
from mdetools.synthetic.writers.frame_files import read_whole, write_arrays, write_content
from mdetools.synthetic.writers.jobs import run_jobs

__all__ = ["WorldFrame", "WorldSettings", "render_frame", "write_worlds"]

SPLITS = ("train", "val")
FORMAT = 3  # to be raised when the same settings give other files
QUALITY = (65, 99)  # of the JPEGs
HEADER = "image depth fx fy cx cy\n"


@dataclass(frozen=True)
class WorldSettings:
    """All that the frames depend on.

    Attributes:
        height: of a picture of usual format, pixels.
        width: of it; pictures of other formats have about as many pixels.
        seed: of everything that is drawn.
        kinds: of worlds (`mdetools.synthetic.worlds.KINDS`), each with its share of the frames.
    """

    height: int = 160
    width: int = 224
    seed: int = 0
    kinds: dict[str, float] = field(default_factory=lambda: dict(SHARES))


@dataclass(frozen=True)
class WorldFrame:
    """Where a frame stands: split, running number in it, and its line in the split's list."""

    split: str
    index: int
    line: str = ""

    @property
    def paths(self) -> tuple[str, str]:
        """Image and depth, relative to the root."""
        return f"{self.split}/images/{self.index:06d}.jpg", f"{self.split}/depth/{self.index:06d}.npz"


def render_frame(settings: WorldSettings, split: str, index: int) -> dict[str, np.ndarray]:
    """Renders one frame; it depends on its arguments alone, and no two frames show the same scene.

    Args:
        settings: size, seed.
        split: `train` or `val`.
        index: of the frame in its split.

    Returns:
        `image` uint8 (H, W, 3), RGB; `depth` float32 (H, W) in metres, exact, inf where there is sky; `intrinsics`
        float32 (3, 3); `quality`, of the JPEG, int64.
    """
    rng = np.random.default_rng([settings.seed, SPLITS.index(split), index])
    view = sample_view(rng, settings.height * settings.width, settings.kinds)
    image, depth = photograph_view(view, rng)
    return {"image": image, "depth": depth, "intrinsics": view.camera.intrinsics, "quality": rng.integers(*QUALITY)}


def write_worlds(
    root: Path, settings: WorldSettings, counts: dict[str, int], workers: int
) -> Iterator[tuple[WorldFrame, bool]]:
    """Writes a data set; the files do not depend on the number of workers.

    Every file is written to a temporary name and renamed. Frames that are there already, from an earlier run with the
    same settings, are kept if they can be read. The lists of the splits come last.

    Args:
        root: folder, new, empty, or of an earlier run with the same settings.
        settings: what the frames depend on.
        counts: number of frames per split.
        workers: number of processes.

    Yields:
        Each frame, and whether it was written now (and not kept).

    Raises:
        UserError: if there is no such kind, or the folder holds anything else, or cannot be written to.
    """
    for kind in settings.kinds:
        if kind not in KINDS:
            raise UserError(f"there are no worlds of kind '{kind}'; {suggest(kind, KINDS)}")
    claim(root, {"format": FORMAT, **asdict(settings), **counts})
    every = [WorldFrame(split, index) for split in SPLITS for index in range(counts[split])]
    lines = dict.fromkeys(SPLITS, HEADER)
    for frame, new in run_jobs(_write_job, [(root, settings, frame) for frame in every], workers):
        lines[frame.split] += frame.line
        yield frame, new
    for split in SPLITS:
        write_text(root / f"{split}.txt", lines[split])


def _write_job(job: tuple[Path, WorldSettings, WorldFrame]) -> tuple[WorldFrame, bool]:
    root, settings, frame = job
    image, depth = (root / path for path in frame.paths)
    there = read_whole((image,), depth, ("depth", "intrinsics"))
    if there is None:
        data = render_frame(settings, frame.split, frame.index)
        write_content(image, encode_jpeg(data["image"], int(data["quality"])))
        write_arrays(depth, depth=as_half(data["depth"]), intrinsics=data["intrinsics"])
    intrinsics = (there or data)["intrinsics"]
    camera = " ".join(f"{intrinsics[at]:.4f}" for at in ((0, 0), (1, 1), (0, 2), (1, 2)))
    return WorldFrame(frame.split, frame.index, f"{' '.join(frame.paths)} {camera}\n"), there is None
