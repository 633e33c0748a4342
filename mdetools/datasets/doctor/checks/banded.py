"""Depth of few steps."""

from mdetools.datasets.doctor.counts import part_of
from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check", "of_8_bits"]

BITS, BITS_8, FEWEST_LEVELS = 8, 255, 64  # of a file; even steps, and different values at all
FEWEST_EVEN, FEWEST_BANDS = 24, 4  # fewer different values may be so many boxes
BESIDE = 0.5  # share of neighbours whose values follow on each other; of boxes before a wall few do
SENSOR_STEP = 1.05e-3  # metres: what depth cameras store, and no fault where a scene is a few centimetres deep
SPREAD = 1.2  # of far over near; a wall in front has few values too
ENOUGH = 4  # valid pixels per different value
SHARE = 0.5  # of the frames


def check(split: Split) -> list[Finding]:
    """A line if half of the frames have no more steps than 8 bits, or few values at all, or files of 8 bits."""
    if of_8_bits(split):
        return [eight_bits(split)]
    known = [record for record in split.having("plane_points") if record.get("distinct")]  # those looked at in detail
    even, few = [record for record in known if even_steps(record)], [record for record in known if few_values(record)]
    bad = max(even, few, key=len)
    if not known or len(bad) < SHARE * len(known):
        return []
    worst = sorted(bad, key=lambda record: record["distinct"])
    step = worst[len(worst) // 2]
    found = f"{step['distinct']} different values in steps of {step['step']:.3g} m or more"
    line = (
        f"{part_of(bad, known, 'depth maps are')} banded, e.g. {step['id']} with {found}, as 8-bit or rounded depth "
        "has; go back to the original files, and store 16 bits or floats"
    )
    return [Finding("banded", "warning", line, ids(worst))]


def of_8_bits(split: Split) -> bool:
    """Whether half of the frames were read from files of 8 bits."""
    known = split.having("stored_bits")
    return bool(known) and sum(record["stored_bits"] == BITS for record in known) >= SHARE * len(known)


def eight_bits(split: Split) -> Finding:
    """A line for frames that were read from files of 8 bits."""
    known = split.having("stored_bits")
    bad = [record for record in known if record["stored_bits"] == BITS]
    line = (
        f"{part_of(bad, known, 'depth maps are')} from files of 8 bits, e.g. {bad[0]['id']}, 256 steps in all and "
        "often stretched to one range in each image, so that no scale makes metres of them; go back to the original "
        "files, and store 16 bits or floats"
    )
    return Finding("banded", "warning", line, ids(bad))


def even_steps(record: dict) -> bool:
    """Whether a frame has the steps of 8 bits or fewer."""
    levels = record["even_levels"]
    few = record["distinct"] < FEWEST_EVEN
    return levels is not None and levels <= BITS_8 and record["step"] > SENSOR_STEP and spread(record) and not few


def few_values(record: dict) -> bool:
    """Whether a frame has few different values side by side, in steps of any size."""
    side_by_side = record.get("band_share", 0.0) >= BESIDE
    return side_by_side and FEWEST_BANDS <= record["distinct"] <= FEWEST_LEVELS and spread(record)


def spread(record: dict) -> bool:
    """Whether a frame has depths and pixels enough to have more values."""
    return record["high"] > SPREAD * record["low"] and record["valid_count"] >= ENOUGH * record["distinct"]
