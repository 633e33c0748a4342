"""The data doctor: goes through a whole data set and says what is wrong with it, before a training run finds out."""

import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

from mdetools.datasets.base import BaseDataset
from mdetools.errors import UserError

__all__ = ["examine", "examine_frame", "format_report", "suspected_units", "summarize"]

MILLIMETRES_ABOVE = 80.0  # the largest cap in use for metres (KITTI); no data set has its median beyond
# Inverse depth is suspected if values grow by a factor TREND from top to bottom in a share of the frames.
TREND, TREND_SHARE, TREND_FRAMES = 1.05, 0.8, 5


def examine_frame(dataset: BaseDataset, index: int) -> dict:
    """What there is to say of one frame.

    Args:
        dataset: its `load` is called, which checks files, types, shapes and values.
        index: of the frame.

    Returns:
        `dict(index, error)` with the line of the `UserError` if the frame cannot be read; otherwise `id`, `shape` of
        the image, `valid_share` (None for a data set without depth), `min`, `median`, `max` of the valid depths in
        metres (None without any), and `trend`: the median of the lower third of the image divided by that of the
        upper, None if one is empty.
    """
    try:
        sample = dataset.load(index)
    except UserError as error:
        return {"index": index, "error": str(error)}
    record = {"index": index, "id": sample["meta"]["id"], "shape": list(sample["image"].shape[:2])}
    if "depth" not in sample:
        return record | dict.fromkeys(("valid_share", "min", "median", "max", "trend"))
    depth, valid = sample["depth"], sample["valid_mask"]
    values, third = depth[valid], depth.shape[0] // 3
    above, below = depth[:third][valid[:third]], depth[-third:][valid[-third:]]
    return record | {
        "valid_share": float(valid.mean()),
        "min": float(values.min()) if values.size else None,
        "median": float(np.median(values)) if values.size else None,
        "max": float(values.max()) if values.size else None,
        "trend": float(np.median(below) / np.median(above)) if above.size and below.size else None,
    }


def pipeline_fit(dataset: BaseDataset, index: int) -> str | tuple[int, int]:
    """The size (height, width) of the image that the pipeline makes of a frame, or the line of its `UserError`."""
    try:
        return tuple(dataset[index]["image"].shape[-2:])
    except UserError as error:
        return str(error)


def examine(dataset: BaseDataset, workers: int = 0) -> Iterator[dict]:
    """Yields `examine_frame` of every frame, in order, worked out by `workers` processes (0: by this one)."""
    frame = partial(examine_frame, dataset)
    if workers == 0:
        yield from map(frame, range(len(dataset)))
        return
    with ProcessPoolExecutor(workers, initializer=take_dataset, initargs=(dataset,)) as pool:
        yield from pool.map(examine_taken, range(len(dataset)), chunksize=8)


def take_dataset(dataset: BaseDataset) -> None:
    """Keeps the data set in a worker process, so that it is sent there once and not with every frame."""
    global taken
    taken = dataset


def examine_taken(index: int) -> dict:
    """`examine_frame` of the data set that the worker process keeps."""
    return examine_frame(taken, index)


def suspected_units(frames: list[dict]) -> list[str]:
    """Guesses whether depths are not metres along the optical axis, from readable frames with valid pixels.

    Two signs are looked for. A median beyond the range of any data set speaks for millimetres. Nearly every camera
    looks along a floor or a road, so values that grow towards the bottom of the image, and values that never exceed 1,
    speak for inverse or normalised depth. All of it is a suspicion only.
    """
    if not frames:
        return []
    median, largest = float(np.median([frame["median"] for frame in frames])), max(frame["max"] for frame in frames)
    trends = np.array([frame["trend"] for frame in frames if frame["trend"] is not None])
    share = np.mean(trends > TREND) if trends.size >= TREND_FRAMES else 0.0
    if share >= TREND_SHARE:
        return [
            f"suspected inverse depth or disparity: values grow towards the bottom of the image in {share:.0%} of the "
            "frames, expected metres, which shrink there; convert them to depth"
        ]
    if median > MILLIMETRES_ABOVE:
        return [f"suspected millimetres: the median depth is {median:.4g}, expected metres; divide by 1000"]
    if largest <= 1:
        return [f"suspected normalised depth: no value exceeds {largest:.4g}, expected metres; rescale it"]
    return []


def nothing_to_learn(readable: list[dict]) -> list[str]:
    """A line if the readable frames have depth and not one a valid pixel."""
    share = [record["valid_share"] for record in readable if record["valid_share"] is not None]
    if not share or max(share) > 0:
        return []
    return [f"all {len(share)} frames are holes alone, expected depth in metres; look at how the depth was converted"]


def depth_statistics(frames: list[dict]) -> dict | None:
    """Least depth, median of the medians and largest depth (metres) of readable frames with valid pixels, or None."""
    if not frames:
        return None
    return {
        "min": min(frame["min"] for frame in frames),
        "median": float(np.median([frame["median"] for frame in frames])),
        "max": max(frame["max"] for frame in frames),
    }


def summarize(dataset: BaseDataset, records: list[dict], batch_size: int = 1) -> dict:
    """The report on a data set.

    Args:
        dataset: what was examined; its pipeline is tried on the first frame of each image size.
        records: what `examine` gave.
        batch_size: of the loader.

    Returns:
        A dict for JSON: `frames`, `unreadable` (one line each), `shapes` (how many frames have each), `valid_share`
        (mean and min; None without depth), `depth` (min, median of medians and max, metres), `all_hole` (ids),
        `pipeline` (what it makes of each shape) and `problems` (one line each; empty if the data set is fit for use).
        Frames without a valid pixel are reported, but are no problem: they add nothing to a loss.
    """
    readable = [record for record in records if "error" not in record]
    frames = [record for record in readable if record["median"] is not None]
    unreadable = [record["error"] for record in records if "error" in record]
    first_of_shape = {tuple(record["shape"]): record["index"] for record in reversed(readable)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # frames that are all holes are in the report
        fits = {shape: pipeline_fit(dataset, index) for shape, index in sorted(first_of_shape.items())}
    misfits = [fit for fit in fits.values() if isinstance(fit, str)]
    sizes = {fit for fit in fits.values() if not isinstance(fit, str)}
    if batch_size > 1 and len(sizes) > 1:
        found = ", ".join(f"{height}x{width}" for height, width in sorted(sizes))
        misfits.append(f"the pipeline makes images of {len(sizes)} sizes ({found}), expected one; add a RandomCrop")
    share = [record["valid_share"] for record in readable if record["valid_share"] is not None]
    return {
        "frames": len(records),
        "unreadable": unreadable,
        "shapes": {f"{h}x{w}": n for (h, w), n in sorted(Counter(tuple(r["shape"]) for r in readable).items())},
        "valid_share": {"mean": float(np.mean(share)), "min": min(share)} if share else None,
        "depth": depth_statistics(frames),
        "all_hole": [record["id"] for record in readable if record["valid_share"] == 0],
        "pipeline": {f"{h}x{w}": fit if isinstance(fit, str) else f"{fit[0]}x{fit[1]}" for (h, w), fit in fits.items()},
        "problems": unreadable + nothing_to_learn(readable) + suspected_units(frames) + misfits,
    }


def format_report(title: str, report: dict) -> str:
    """The report that `summarize` gave, for a terminal."""
    share, depth = report["valid_share"], report["depth"]
    shapes = ", ".join(f"{n} of {shape}" for shape, n in report["shapes"].items())
    fits = ", ".join(f"{shape} -> {fit}" for shape, fit in report["pipeline"].items())
    rows = {
        "frames": f"{report['frames']} ({len(report['unreadable'])} unreadable)",
        "image sizes": shapes or "-",
        "valid pixels": f"{share['mean']:.1%} on average, {share['min']:.1%} at least" if share else "-",
        "depth": f"{depth['min']:.3f} .. {depth['max']:.3f} m, median {depth['median']:.3f} m" if depth else "-",
        "all-hole frames": " ".join([str(len(report["all_hole"])), *report["all_hole"][:5]]),
        "pipeline": fits or "-",
    }
    lines = [title, *(f"  {name:<16} {value}" for name, value in rows.items())]
    return "\n".join([*lines, *(f"  problem: {problem}" for problem in report["problems"] or ["none"])])
