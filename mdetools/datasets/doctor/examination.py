"""What there is to say of each frame of a data set."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from torch.utils.data import Dataset

from mdetools.datasets.doctor.frame import Frame, frame_of, image_size
from mdetools.datasets.doctor.measures import ALWAYS, SAMPLED
from mdetools.datasets.doctor.measures.exif import exif_of
from mdetools.datasets.doctor.measures.survival import survival
from mdetools.errors import UserError, one_line
from mdetools.reading import files_read, is_file

__all__ = ["examine", "examine_frame", "sampled_frames"]

MOST_SAMPLED = 256  # frames of which everything is measured; the others are looked at in less detail


def examine(dataset: Dataset, workers: int = 0) -> Iterator[dict]:
    """Yields `examine_frame` of every frame, in order, worked out by `workers` processes (0: by this one).

    Raises:
        UserError: if the data set has no length, or gives no samples.
    """
    if not hasattr(dataset, "__len__"):
        raise UserError(
            f"{type(dataset).__name__} has no length, expected a data set with __len__ and __getitem__; give it both"
        )
    return examine_all(dataset, workers)


def examine_all(dataset: Dataset, workers: int) -> Iterator[dict]:
    """Yields `examine_frame` of every frame."""
    sampled = sampled_frames(len(dataset))
    jobs = [(index, index in sampled) for index in range(len(dataset))]
    if workers == 0:
        yield from map(partial(examine_job, dataset), jobs)
        return
    with ProcessPoolExecutor(workers, initializer=take_dataset, initargs=(dataset,)) as pool:
        yield from pool.map(examine_taken, jobs, chunksize=8)


def sampled_frames(count: int, most: int = MOST_SAMPLED) -> set[int]:
    """Which of `count` frames are looked at in detail: all, or at most `most` in pairs of neighbours.

    >>> sorted(sampled_frames(100, 6))
    [0, 1, 49, 50, 98, 99]
    """
    if count <= most:
        return set(range(count))
    firsts = np.linspace(0, count - 2, most // 2).astype(int)
    return {int(first) + more for first in firsts for more in (0, 1)}


def take_dataset(dataset: Dataset) -> None:
    """Keeps the data set in a worker process, so that it is sent there once and not with every frame."""
    global taken
    taken = dataset


def examine_taken(job: tuple[int, bool]) -> dict:
    """`examine_job` of the data set that the worker process keeps."""
    return examine_job(taken, job)


def examine_job(dataset: Dataset, job: tuple[int, bool]) -> dict:
    """`examine_frame` of an index and whether it is looked at in detail."""
    return examine_frame(dataset, *job)


def examine_frame(dataset: Dataset, index: int, thorough: bool = True) -> dict:
    """What there is to say of one frame.

    Args:
        dataset: its `load` is called, which checks files, types, shapes and values; a data set that has none is asked
            for `dataset[index]`.
        index: of the frame.
        thorough: whether to measure what takes longer, and to send the frame through the pipeline.

    Returns:
        `dict(index, files, error)` with one line if the frame cannot be read, and `exif` of its files; otherwise
        `index`, `files` (the paths that were read), `id`, `fields` (the sample's keys), `shape` of the image, and
        what the functions in `measures` say: each names its keys.

    Raises:
        UserError: if what the data set gives is no sample at all.
    """
    record = {"index": index}
    with files_read() as record["files"]:
        try:
            sample = dataset.load(index) if hasattr(dataset, "load") else dataset[index]
        except UserError as error:
            empty = " (the file is empty)" * any(map(is_empty, record["files"]))
            return record | {"error": f"{error}{empty}", **exif_of(record["files"])}
        except OSError as error:
            return record | {"error": f"frame {index} of {type(dataset).__name__}: {one_line(error)}"}
    if not isinstance(sample, Mapping) or "image" not in sample:
        found = f"a dict of {', '.join(map(str, sample))}" if isinstance(sample, Mapping) else type(sample).__name__
        raise UserError(
            f"frame {index} of {type(dataset).__name__} is {found}, expected a dict with 'image', see docs/data.md; "
            "change the data set"
        )
    name = sample.get("meta", {}).get("id", str(index))
    if "depth" in sample and "valid_mask" not in sample:
        return record | {"error": f"{name}: has depth and no valid_mask; add valid_mask = depth > 0 in load"}
    frame = frame_of(sample, record["files"])
    if frame.depth is not None and not np.isfinite(frame.depth[frame.valid]).all():
        return record | {
            "error": f"{name}: depth is NaN or infinite where valid_mask is True; leave that out of the mask"
        }
    record |= {"id": name, "fields": sorted(sample), "shape": list(image_size(sample["image"]))}
    record |= measured(frame, ALWAYS)
    if thorough:
        record |= measured(frame, SAMPLED) | survival(dataset, index, frame)
    return record


def is_empty(path: str) -> bool:
    """Whether a file is there and has 0 bytes."""
    return is_file(Path(path)) and Path(path).stat().st_size == 0


def measured(frame: Frame, measures: tuple) -> dict:
    """What all these functions say of a frame."""
    return {key: value for measure in measures for key, value in measure(frame).items()}
