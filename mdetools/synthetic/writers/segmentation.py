"""Writes views of rooms or streets with what each pixel shows.

`<root>/images/<split>/*.jpg`, `<root>/semantic/<split>/*.png` (ids in 8 bits, 255 for none), `<root>/classes.txt`,
`<root>/depth/<split>/*.npz`, and the types of the places: `<root>/types/<split>.txt`, with `classes.txt` beside.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from mdetools.errors import UserError, suggest
from mdetools.files import write_text
from mdetools.synthetic.raycast.photo import cast_samples
from mdetools.synthetic.worlds.finish import expose
from mdetools.synthetic.worlds.labelled import PLACES, semantic_map
from mdetools.synthetic.writers.encoding import as_half, encode_jpeg, encode_png
from mdetools.synthetic.writers.folder import claim
from mdetools.synthetic.writers.frame_files import read_whole, write_arrays, write_content
from mdetools.synthetic.writers.jobs import run_jobs

__all__ = ["SegmentationFrame", "SegmentationSettings", "render_frame", "segmentation_settings", "write_segmentation"]

SPLITS = ("train", "val")
FORMAT = 1  # to be raised when the same settings give other files
QUALITY = (75, 99)  # of the JPEGs


@dataclass(frozen=True)
class SegmentationSettings:
    """All that the frames depend on.

    Attributes:
        scenes: which place they show (`mdetools.synthetic.worlds.labelled.PLACES`).
        height: of the images, pixels.
        width: of the images, pixels.
        seed: of everything that is drawn.
    """

    scenes: str
    height: int
    width: int
    seed: int = 0


def segmentation_settings(scenes: str, size: tuple[int, int] | None = None, seed: int = 0) -> SegmentationSettings:
    """The settings of frames of a place, of its usual size (H, W) if none is given.

    Raises:
        UserError: if there are no such scenes.
    """
    if scenes not in PLACES:
        raise UserError(f"there are no scenes '{scenes}', expected {' or '.join(PLACES)}; {suggest(scenes, PLACES)}")
    return SegmentationSettings(scenes, *(size or PLACES[scenes].size), seed)


@dataclass(frozen=True)
class SegmentationFrame:
    """Where a frame stands: split, running number in it; and the type of the place, once it is known."""

    split: str
    index: int
    type: str = ""

    @property
    def paths(self) -> tuple[str, str, str]:
        """Image, semantic map and depth, relative to the root."""
        stem = f"{self.split}/{self.index:06d}"
        return f"images/{stem}.jpg", f"semantic/{stem}.png", f"depth/{stem}.npz"


def render_frame(settings: SegmentationSettings, split: str, index: int) -> dict[str, np.ndarray]:
    """Renders one frame; it depends on its arguments alone, and no two frames show the same place.

    Returns:
        `image` uint8 (H, W, 3), RGB; `semantic` uint8 (H, W), 255 for none; `depth` float32 (H, W) in metres, exact,
        inf where there is sky; `intrinsics` float32 (3, 3); `quality`, of the JPEG, int64; `type`, a string.
    """
    place = PLACES[settings.scenes]
    rng = np.random.default_rng([settings.seed, SPLITS.index(split), index])
    view, kind = place.sample(rng, (settings.height, settings.width))
    samples = cast_samples(view.scene, view.camera, *view.size)
    return {
        "image": expose(view, samples, rng),
        "semantic": semantic_map(view, samples, place),
        "depth": samples.in_rows(samples.t).reshape(view.size),
        "intrinsics": view.camera.intrinsics,
        "quality": rng.integers(*QUALITY),
        "type": np.array(kind),
    }


def write_segmentation(
    root: Path, settings: SegmentationSettings, counts: dict[str, int], workers: int
) -> Iterator[tuple[SegmentationFrame, bool]]:
    """Writes a data set; the files do not depend on the number of workers.

    Every file is written to a temporary name and renamed. Frames that are there already, from an earlier run with the
    same settings, are kept if they can be read. The lists of the types come last.

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
    place = PLACES[settings.scenes]
    claim(root, {"format": FORMAT, **asdict(settings), **counts})
    write_text(root / "classes.txt", "".join(f"{name}\n" for name in place.classes))
    write_text(root / "types/classes.txt", "".join(f"{name}\n" for name in place.types))
    every = [SegmentationFrame(split, index) for split in SPLITS for index in range(counts[split])]
    lines = dict.fromkeys(SPLITS, "")
    for frame, new in run_jobs(_write_job, [(root, settings, frame) for frame in every], workers):
        lines[frame.split] += f"{frame.paths[0].removeprefix('images/')} {place.types.index(frame.type)}\n"
        yield frame, new
    for split in SPLITS:
        write_text(root / f"types/{split}.txt", lines[split])


def _write_job(
    job: tuple[Path, SegmentationSettings, SegmentationFrame],
) -> tuple[SegmentationFrame, bool]:
    root, settings, frame = job
    image, semantic, depth = (root / path for path in frame.paths)
    there = read_whole((image, semantic), depth, ("depth", "type"))
    if there is None:
        data = render_frame(settings, frame.split, frame.index)
        write_content(image, encode_jpeg(data["image"], int(data["quality"])))
        write_content(semantic, encode_png(data["semantic"]))
        write_arrays(depth, depth=as_half(data["depth"]), intrinsics=data["intrinsics"], type=data["type"])
    return SegmentationFrame(frame.split, frame.index, str((there or data)["type"])), there is None
