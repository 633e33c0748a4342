"""Depth that is not in metres, judged by the depths that the config counts."""

import math

import numpy as np

from mdetools.datasets.doctor.checks.banded import of_8_bits
from mdetools.datasets.doctor.checks.inverse_depth import planes_are_inverse
from mdetools.datasets.doctor.checks.saturated import check as holes_as_depth
from mdetools.datasets.doctor.counts import part_of
from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.limits import share_within, value_at
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

SCALES = {  # units per metre, by who writes them
    1000.0: "millimetres",
    256.0: "as KITTI's PNGs",
    5000.0: "as TUM RGB-D's PNGs",
    100.0: "centimetres",
    1.0: "metres",
    10000.0: "tenths of a millimetre",
    8000.0: "as SUN RGB-D's PNGs, whose bits are rotated",
}
DIVISORS = {  # of depth that was said to be metres, by how it came about
    5.0: "x5000 was taken for millimetres",
    8.0: "rotated bits were taken for millimetres",
    10.0: "centimetres, or tenths of millimetres, were taken for another unit",
    0.1: "centimetres were taken for millimetres",
    0.256: "x256 was taken for millimetres",
    1000 / 256: "millimetres were taken for x256",
}
COMMON, RARENESS = (1000.0, 256.0, 5000.0, 100.0, 1.0), 0.5  # and how much worse others are taken to fit, in log
BEYOND = 0.25  # share of the depths beyond the config's largest, from which on the unit is suspected
NEAR_END = 0.12  # of the config's range; depths that all lie below speak for a unit that is too large
GOOD, REACH = 0.9, 30.0  # share within the range under the right scale; of far over near in a scene
MIXED = 30.0  # times the usual median; scenes of one data set differ by less
TOO_FAR = 500.0  # metres, of the median, where the config names no range


def check(split: Split) -> list[Finding]:
    """A line if frames differ in unit, or all of them are in one that the config's range does not fit."""
    if not split.having("histogram"):
        return []
    return mixed(split) or far_off(split)


def mixed(split: Split) -> list[Finding]:
    """A line if the depths of some frames are of another order than those of the others."""
    known = split.having("median")
    medians = np.array([record["median"] for record in known])
    usual = np.median(medians)
    off = (medians > MIXED * usual) | (medians < usual / MIXED)
    if not off.any():
        return []
    odd = [record for record, is_off in zip(known, off, strict=True) if is_off]
    line = (
        f"{part_of(odd, known, 'frames have')} another unit: the median depth is {odd[0]['median']:.4g} in "
        f"{odd[0]['id']}, and {usual:.4g} in most; bring all to one"
    )
    return [Finding("mixed_units", "warning", line, ids(odd))]


def far_off(split: Split) -> list[Finding]:
    """A line if most depths lie beyond the config's range, or all at its lower end, and a known scale would fit."""
    if planes_are_inverse(split) or holes_as_depth(split) or of_8_bits(split):
        return []
    if split.limits is None:
        return without_limits(split)
    low, high, source = split.limits
    beyond = 1 - share_within(split, split.limits._replace(low=1e-9))
    largest = value_at(split, 0.99)
    known = split.having("median")
    if beyond > BEYOND:
        found = (
            f"{beyond:.0%} of the depths lie beyond {high:g} m, the largest that the config counts ({source}); "
            f"the median is {value_at(split, 0.5):.4g} m"
        )
        frames = ids(sorted(known, key=lambda record: -record["median"]))
    elif largest < NEAR_END * high:
        found = f"99% of the depths lie below {largest:.3g} m, and the config counts depths to {high:g} m ({source})"
        frames = ids(sorted(known, key=lambda record: record["median"]))
    else:
        return []
    better = fitting_units(split)
    if not better and beyond > BEYOND:
        return []  # the range is too small for the scene: `survival` says so
    cure = " or ".join(better[:3]) or "no usual depth_scale would fill it"
    if beyond <= BEYOND:
        cure += f"; if the scenes are so small, set max_depth to about {2 * largest:.1g}"
    return [Finding("units", "warning", f"suspected unit: {found}; {cure}", frames)]


def fitting_units(split: Split) -> list[str]:
    """Under which units the depths would fill the config's range, with the median that each gives, likeliest first.

    That is the one whose median is nearest to the middle of the range, in log; metres, if the files hold floats.
    """
    divisors = {scale / split.depth_scale: f"depth_scale={scale:g} ({words})" for scale, words in SCALES.items()}
    if split.depth_scale == 1:
        divisors |= {divisor: f"dividing by {divisor:.4g} ({words})" for divisor, words in DIVISORS.items()}
    low, high, _ = split.limits
    middle, median = math.sqrt(max(low, high / REACH) * high), value_at(split, 0.5)
    floats = [record["stored_float"] for record in split.having("stored_float")]
    found = []
    for divisor, text in divisors.items():
        scale, filled = divisor * split.depth_scale, value_at(split, 0.95) / divisor / high
        fits = share_within(split, split.limits, divisor) >= GOOD and filled > NEAR_END
        if fits and not math.isclose(divisor, 1):
            off = abs(math.log(median / divisor / middle)) + RARENESS * (scale not in COMMON)
            likeliest = math.isclose(scale, 1) and bool(floats) and all(floats)
            found.append((not likeliest, off, f"{text} => median {median / divisor:.3g} m"))
    return [text for *_, text in sorted(found)]


def without_limits(split: Split) -> list[Finding]:
    """A line if the depths would be far for any data set."""
    median = value_at(split, 0.5)
    if median <= TOO_FAR:
        return []
    line = f"suspected unit: the median depth is {median:.4g}, expected metres; if it is millimetres, divide by 1000"
    return [Finding("units", "warning", line, ids(split.having("median")))]
