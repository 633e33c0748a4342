"""Guesses at what is wrong with depths that can be read."""

import numpy as np

__all__ = ["nothing_to_learn", "suspected_units"]

MILLIMETRES_ABOVE = 80.0  # the largest cap in use for metres (KITTI); no data set has its median beyond
# Inverse depth is suspected if values grow by a factor TREND from top to bottom in a share of the frames.
TREND, TREND_SHARE, TREND_FRAMES = 1.05, 0.8, 5


def suspected_units(frames: list[dict]) -> list[str]:
    """Guesses whether depths are not metres along the optical axis.

    Two signs are looked for. A median beyond the range of any data set speaks for millimetres. Nearly every camera
    looks along a floor or a road, so values that grow towards the bottom of the image, and values that never exceed 1,
    speak for inverse or normalised depth. All of it is a suspicion only.

    Args:
        frames: records of `examine_frame` with valid pixels.

    Returns:
        one line, or none.
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
    """A line if frames have depth and not one of them has a valid pixel.

    Args:
        readable: records of `examine_frame` without an error.
    """
    share = [record["valid_share"] for record in readable if record["valid_share"] is not None]
    if not share or max(share) > 0:
        return []
    return [f"all {len(share)} frames are holes alone, expected depth in metres; look at how the depth was converted"]
