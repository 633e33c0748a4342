"""A value that stands for "nothing measured" and was taken for a depth."""

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.split import Split, ids

__all__ = ["check"]

SHARE, GAP = 5e-4, 0.7  # of the pixels that have the largest value; how near to it the next may come
FAR_GAP = 0.2  # a largest value so far from all others is none, whatever it is
CODES = (65535, 65534, 65504, 32767, 4095, 255)  # the largest values of integer types, of half floats, of 12 bits
SCALES = (1, 100, 256, 1000, 5000)
FEWEST = 3  # frames, where the value is no type's largest


def check(split: Split) -> list[Finding]:
    """A line if the largest depth is a type's largest value, or in several frames far beyond all others."""
    known = split.having("top_share")
    alone = [record for record in known if stands_alone(record, split.depth_scale)]
    bad = [record for record in alone if is_code(record, split.depth_scale)]
    if len(alone) >= min(FEWEST, len(known)):
        bad = alone
    if not bad:
        return []
    worst = sorted(bad, key=lambda record: -record["top_share"])
    value, share = worst[0]["max"], worst[0]["top_share"]
    line = (
        f"in {len(bad)} of {len(known)} frames the largest depth, e.g. {value:.6g} m in {share:.1%} of "
        f"{worst[0]['id']}, stands far from all others, as a code for holes does (65535 in 16 bits); set it to 0 in the "
        "files, or name it in the option `holes`"
    )
    return [Finding("hole_code", "warning", line, ids(worst))]


def stands_alone(record: dict, depth_scale: float) -> bool:
    """Whether many pixels of a frame have the largest value, and none a value near to it."""
    value, below = record["max"], record["below_top"]
    if below is None or record["top_share"] < SHARE:
        return False
    return below < FAR_GAP * value or (below < GAP * value and is_code(record, depth_scale))


def is_code(record: dict, depth_scale: float) -> bool:
    """Whether the largest value of a frame is the largest of some type, at a usual scale or the data set's."""
    scaled = [record["max"] * scale for scale in (*SCALES, depth_scale)]
    return any(abs(number - code) < 1e-3 * code for number in scaled for code in CODES)
