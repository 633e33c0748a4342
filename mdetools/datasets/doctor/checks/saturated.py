"""A value that stands for "nothing measured" and was taken for a depth."""

from collections import Counter

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

SHARE, GAP = 5e-4, 0.7  # of the pixels that have the largest value; how near to it the next may come
FAR_GAP = 0.2  # a largest value so far from all others is none, whatever it is
COMMON, LEAD = 0.05, 5.0  # share of the pixels, and times that of the next value; no single depth is so common
CODES = (65535, 65534, 65504, 32767, 4095, 255)  # the largest values of integer types, of half floats, of 12 bits
SCALES = (1, 100, 256, 1000, 5000)
FEWEST = 3  # frames, where the value is no type's largest
MOST, RICH = 0.5, 100  # of the frames that have one largest value; other values that a frame of no boxes has at least


def check(split: Split) -> list[Finding]:
    """A line if many pixels have a type's largest value, in several frames one far beyond all, or in most the same."""
    known = split.having("top_share")
    coded = [record for record in known if code_share(record, split.depth_scale)]
    far = [record for record in known if record["top_share"] >= SHARE and stands_alone(record, FAR_GAP)]
    bad = far if len(far) >= min(FEWEST, len(known)) and len(far) > len(coded) else coded
    bad = max(bad, shared_top(known), key=len)
    if not bad:
        return []
    worst = max(bad, key=lambda record: max(record["top_share"], code_share(record, split.depth_scale)))
    value = worst["common_value"] if worst["common_share"] > worst["top_share"] else worst["max"]
    line = (
        f"in {len(bad)} of {len(known)} frames many pixels have one far depth, e.g. {value:.6g} m in {worst['id']}, "
        "as a code for holes does (65535 in 16 bits); set it to 0 in the files, or name it in the option `holes`"
    )
    return [Finding("hole_code", "warning", line, ids([worst, *(record for record in bad if record is not worst)]))]


def code_share(record: dict, depth_scale: float) -> float:
    """The share of a frame's values that are a type's largest one, if that is out of place among its depths."""
    scales = (*SCALES, depth_scale)
    spike = record["common_share"] >= COMMON and record["common_lead"] >= LEAD and record["max"] > record["min"]
    if spike and is_code(record["common_value"], scales, CODES[:3]):
        return record["common_share"]
    if record["top_share"] >= SHARE and stands_alone(record, GAP) and is_code(record["max"], scales):
        return record["top_share"]
    return 0.0


def shared_top(known: list[dict]) -> list[dict]:
    """The frames in which one value, the same in most of them, is common and the largest, if it stands apart.

    A far plane at which depth is cut has values up to it in most frames, and a flat ground below boxes few others.
    """
    common = [record for record in known if record["top_share"] >= COMMON and record["distinct"] > RICH]
    if not common:
        return []
    usual = Counter(record["max"] for record in common).most_common(1)[0][0]
    same = [record for record in common if record["max"] == usual]
    apart = [record for record in same if stands_alone(record, GAP)]
    enough = len(same) >= max(FEWEST, MOST * len(known))
    return same if enough and len(apart) > MOST * len(same) else []


def stands_alone(record: dict, gap: float) -> bool:
    """Whether the largest value of a frame is far from the next one."""
    return record["below_top"] is not None and record["below_top"] < gap * record["max"]


def is_code(value: float, scales: tuple[float, ...], codes: tuple[int, ...] = CODES) -> bool:
    """Whether a value is the largest of some type, at a usual scale or the data set's."""
    return any(abs(value * scale - code) < 1e-3 * code for scale in scales for code in codes)
