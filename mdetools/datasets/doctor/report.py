"""The report on a split, from what was measured and found."""

from collections import Counter

import numpy as np

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.limits import histogram_of, share_within
from mdetools.datasets.doctor.measures.depth_values import HISTOGRAM_EDGES
from mdetools.datasets.doctor.pipeline_fit import Fit
from mdetools.datasets.doctor.split import Split

__all__ = ["format_report", "report_of"]

SHOWN_FRAMES = 3  # of a finding, on the terminal
BARS = " ▁▂▃▄▅▆▇█"


def report_of(split: Split, findings: list[Finding]) -> dict:
    """The report on a split.

    Returns:
        A dict for JSON: `frames`, `unreadable` (one line each), `fields` (how many frames have each), `shapes` (how
        many frames have each), `valid_share` (mean and min; None without depth), `survival` (the share of the valid
        pixels that the pipeline leaves, mean and min; None if it was not measured), `depth` (min, median of medians
        and max, metres), `histogram` (lower edges in metres and shares of its bins), `counted_depths` (low, high, the
        share of the depths between them, and what says so; None if the config does not), `all_hole` (ids), `pipeline`
        (what it makes of each shape), `problems` (the lines of the findings; empty if the data set is fit for use) and
        `findings` (check, severity, line, frames).
    """
    share = [record["valid_share"] for record in split.having("valid_share")]
    survival = [record["survival"] for record in split.having("survival")]
    shapes = Counter(tuple(record["shape"]) for record in split.readable)
    return {
        "frames": len(split.records),
        "unreadable": [record["error"] for record in split.records if "error" in record],
        "fields": dict(sorted(Counter(name for record in split.readable for name in record["fields"]).items())),
        "shapes": {size_text(shape): count for shape, count in sorted(shapes.items())},
        "valid_share": mean_and_min(share),
        "survival": mean_and_min(survival),
        "depth": depth_statistics(split.having("median")),
        "histogram": histogram(split),
        "counted_depths": counted_depths(split),
        "all_hole": [record["id"] for record in split.readable if record.get("valid_share") == 0],
        "pipeline": {size_text(shape): ", ".join(map(size_text, found)) for shape, found in split.fits.items()},
        "problems": [finding.line for finding in findings],
        "findings": [vars(finding) for finding in findings],
    }


def mean_and_min(values: list[float]) -> dict | None:
    """Mean and least of shares, None of none."""
    return {"mean": float(np.mean(values)), "min": min(values)} if values else None


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


def histogram(split: Split) -> dict | None:
    """The bins of the depth's histogram from the first to the last that is not empty: `from` (metres), `share`."""
    shares = histogram_of(split)
    if shares is None or not shares.any():
        return None
    used = np.flatnonzero(shares)
    bins = slice(used[0], used[-1] + 1)
    return {"from": HISTOGRAM_EDGES[:-1][bins].round(6).tolist(), "share": shares[bins].round(6).tolist()}


def counted_depths(split: Split) -> dict | None:
    """The depths that the config counts, and the share of the data that lies there; None without depth."""
    if split.limits is None or histogram(split) is None:
        return None
    return {**split.limits._asdict(), "share": share_within(split, split.limits)}


def format_report(title: str, report: dict) -> str:
    """The report that `report_of` gave, for a terminal."""
    share, left, depth = report["valid_share"], report["survival"], report["depth"]
    frames, counted = report["frames"] - len(report["unreadable"]), report["counted_depths"]
    fields = ", ".join(name if n == frames else f"{name} ({n})" for name, n in report["fields"].items())
    rows = {
        "frames": f"{report['frames']} ({len(report['unreadable'])} unreadable)",
        "fields": fields or "-",
        "image sizes": ", ".join(f"{n} of {shape}" for shape, n in report["shapes"].items()) or "-",
        "valid pixels": f"{share['mean']:.1%} on average, {share['min']:.1%} at least" if share else "-",
        "  after pipeline": f"{left['mean']:.1%} of these, {left['min']:.1%} at least" if left else "-",
        "depth": f"{depth['min']:.3f} .. {depth['max']:.3f} m, median {depth['median']:.3f} m" if depth else "-",
        "  histogram": sketch(report["histogram"]) if report["histogram"] else "-",
        "  counted": "{share:.1%} lie in {low:g} .. {high:g} m ({source})".format(**counted) if counted else "-",
        "all-hole frames": " ".join([str(len(report["all_hole"])), *report["all_hole"][:5]]),
        "pipeline": ", ".join(f"{shape} -> {fit}" for shape, fit in report["pipeline"].items()) or "-",
    }
    if "images_per_second" in report:
        rows["speed"] = f"{report['images_per_second']:g} images per second (--workers {report['workers']})"
    lines = [title, *(f"  {name:<16} {value}" for name, value in rows.items())]
    return "\n".join(
        [*lines, *map(finding_text, report["findings"])] + ["  nothing wrong found"][: not report["findings"]]
    )


def sketch(histogram: dict) -> str:
    """A histogram in a row of bars, near to far, with its ends."""
    starts, shares = histogram["from"], np.array(histogram["share"])
    heights = np.ceil(shares / shares.max() * (len(BARS) - 1)).astype(int)
    return f"{starts[0]:.3g} m {''.join(BARS[height] for height in heights)} {starts[-1]:.3g} m"


def finding_text(finding: dict) -> str:
    """One finding for a terminal, with its first frames."""
    shown = ", ".join(finding["frames"][:SHOWN_FRAMES])
    worst = f"\n      e.g. {shown}" if len(finding["frames"]) > 1 else ""
    return f"  {finding['severity']}: [{finding['check']}] {finding['line']}{worst}"
