"""The report on a data set, from what was found in its frames."""

from collections import Counter

import numpy as np
from torch.utils.data import Dataset

from mdetools.datasets.doctor.pipeline_fit import Fit, pipeline_fits, pipeline_problems
from mdetools.datasets.doctor.suspicion import nothing_to_learn, suspected_units

__all__ = ["format_report", "summarize"]


def summarize(dataset: Dataset, records: list[dict], batch_size: int = 1) -> dict:
    """The report on a data set.

    Args:
        dataset: what was examined; its pipeline is tried on the first frame of each image size.
        records: what `examine` gave.
        batch_size: of the loader.

    Returns:
        A dict for JSON: `frames`, `unreadable` (one line each), `fields` (how many frames have each), `shapes` (how
        many frames have each), `valid_share` (mean and min; None without depth), `depth` (min, median of medians and
        max, metres), `all_hole` (ids), `pipeline` (what it makes of each shape) and `problems` (one line each; empty
        if the data set is fit for use). Frames without a valid pixel are reported, but are no problem: they add
        nothing to a loss.
    """
    readable = [record for record in records if "error" not in record]
    with_depth = [record for record in readable if record["median"] is not None]
    unreadable = [record["error"] for record in records if "error" in record]
    share = [record["valid_share"] for record in readable if record["valid_share"] is not None]
    fits = pipeline_fits(dataset, readable)
    return {
        "frames": len(records),
        "unreadable": unreadable,
        "fields": dict(sorted(Counter(name for record in readable for name in record["fields"]).items())),
        "shapes": {size_text(shape): n for shape, n in sorted(Counter(tuple(r["shape"]) for r in readable).items())},
        "valid_share": {"mean": float(np.mean(share)), "min": min(share)} if share else None,
        "depth": depth_statistics(with_depth),
        "all_hole": [record["id"] for record in readable if record["valid_share"] == 0],
        "pipeline": {size_text(shape): ", ".join(map(size_text, found)) for shape, found in fits.items()},
        "problems": [
            *unreadable,
            *nothing_to_learn(readable),
            *suspected_units(with_depth),
            *pipeline_problems(fits, batch_size),
        ],
    }


def size_text(size: Fit) -> str:
    """`480x640` for (480, 640); a text stays."""
    return size if isinstance(size, str) else "x".join(map(str, size))


def depth_statistics(frames: list[dict]) -> dict | None:
    """Least depth, median of the medians and largest depth (metres) of frames with valid pixels, or None."""
    if not frames:
        return None
    return {
        "min": min(frame["min"] for frame in frames),
        "median": float(np.median([frame["median"] for frame in frames])),
        "max": max(frame["max"] for frame in frames),
    }


def format_report(title: str, report: dict) -> str:
    """The report that `summarize` gave, for a terminal."""
    share, depth, frames = report["valid_share"], report["depth"], report["frames"] - len(report["unreadable"])
    fields = ", ".join(name if n == frames else f"{name} ({n})" for name, n in report["fields"].items())
    shapes = ", ".join(f"{n} of {shape}" for shape, n in report["shapes"].items())
    fits = ", ".join(f"{shape} -> {fit}" for shape, fit in report["pipeline"].items())
    rows = {
        "frames": f"{report['frames']} ({len(report['unreadable'])} unreadable)",
        "fields": fields or "-",
        "image sizes": shapes or "-",
        "valid pixels": f"{share['mean']:.1%} on average, {share['min']:.1%} at least" if share else "-",
        "depth": f"{depth['min']:.3f} .. {depth['max']:.3f} m, median {depth['median']:.3f} m" if depth else "-",
        "all-hole frames": " ".join([str(len(report["all_hole"])), *report["all_hole"][:5]]),
        "pipeline": fits or "-",
    }
    lines = [title, *(f"  {name:<16} {value}" for name, value in rows.items())]
    return "\n".join([*lines, *(f"  problem: {problem}" for problem in report["problems"] or ["none"])])
