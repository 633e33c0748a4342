"""What there is to say of each frame of a data set."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from torch.utils.data import Dataset

from mdetools.errors import UserError, one_line

__all__ = ["examine", "examine_frame", "image_size"]

DEPTH_KEYS = ("valid_share", "min", "median", "max", "trend")


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
    if workers == 0:
        yield from map(partial(examine_frame, dataset), range(len(dataset)))
        return
    with ProcessPoolExecutor(workers, initializer=take_dataset, initargs=(dataset,)) as pool:
        yield from pool.map(examine_taken, range(len(dataset)), chunksize=8)


def take_dataset(dataset: Dataset) -> None:
    """Keeps the data set in a worker process, so that it is sent there once and not with every frame."""
    global taken
    taken = dataset


def examine_taken(index: int) -> dict:
    """`examine_frame` of the data set that the worker process keeps."""
    return examine_frame(taken, index)


def examine_frame(dataset: Dataset, index: int) -> dict:
    """What there is to say of one frame.

    Args:
        dataset: its `load` is called, which checks files, types, shapes and values; a data set that has none is asked
            for `dataset[index]`.
        index: of the frame.

    Returns:
        `dict(index, error)` with one line if the frame cannot be read; otherwise `id`, `fields` (the sample's keys),
        `shape` of the image, `valid_share` (None for a frame without depth), `min`, `median`, `max` of the valid
        depths in metres (None without any), and `trend`: the median of the lower third of the image divided by that of
        the upper, None if one is empty.

    Raises:
        UserError: if what the data set gives is no sample at all.
    """
    try:
        sample = dataset.load(index) if hasattr(dataset, "load") else dataset[index]
    except UserError as error:
        return {"index": index, "error": str(error)}
    except OSError as error:
        return {"index": index, "error": f"frame {index} of {type(dataset).__name__}: {one_line(error)}"}
    if not isinstance(sample, Mapping) or "image" not in sample:
        found = f"a dict of {', '.join(map(str, sample))}" if isinstance(sample, Mapping) else type(sample).__name__
        raise UserError(
            f"frame {index} of {type(dataset).__name__} is {found}, expected a dict with 'image', see docs/data.md; "
            "change the data set"
        )
    name = sample.get("meta", {}).get("id", str(index))
    record = {"index": index, "id": name, "fields": sorted(sample), "shape": list(image_size(sample["image"]))}
    if "depth" not in sample:
        return record | dict.fromkeys(DEPTH_KEYS)
    if "valid_mask" not in sample:
        return {"index": index, "error": f"{name}: has depth and no valid_mask; add valid_mask = depth > 0 in load"}
    return record | depth_record(plane(sample["depth"]), plane(sample["valid_mask"]))


def depth_record(depth: np.ndarray, valid: np.ndarray) -> dict:
    """The numbers of one depth map (H, W) in metres, of which the pixels of the bool mask (H, W) are valid."""
    values, third = depth[valid], depth.shape[0] // 3
    above, below = depth[:third][valid[:third]], depth[-third:][valid[-third:]]
    return {
        "valid_share": float(valid.mean()),
        "min": float(values.min()) if values.size else None,
        "median": float(np.median(values)) if values.size else None,
        "max": float(values.max()) if values.size else None,
        "trend": float(np.median(below) / np.median(above)) if above.size and below.size else None,
    }


def plane(values) -> np.ndarray:
    """A map (H, W) of a working sample, or the only channel of a packed one (1, H, W), as an array (H, W)."""
    array = np.asarray(values)
    return array[0] if array.ndim == 3 else array


def image_size(image) -> tuple[int, int]:
    """(height, width) of an image (H, W, 3) of a working sample, or of a packed one, a tensor (3, H, W)."""
    return tuple(image.shape[:2] if isinstance(image, np.ndarray) else image.shape[-2:])
