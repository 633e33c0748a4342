"""A visitor's video: its first seconds, picture and depth side by side, in a format that browsers play."""

import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from mdetools.apis.inference.result import Result
from mdetools.apis.inference.video import read_video
from mdetools.apis.inferencer import DepthInferencer
from mdetools.apis.predicting.drawing import color_range, frame_picture
from mdetools.apis.predicting.options import RunOptions
from mdetools.apis.predicting.videos import smoothed
from mdetools.errors import UserError

__all__ = ["PredictedVideo", "predicted_video", "resized_frames"]

MOST_FRAMES, MOST_SECONDS = 300, 90  # of work, since other visitors wait
SIDE = 480  # pixels of the longer side of a frame
RATE = 25.0  # frames per second where the file does not say
WIDER = 0.05  # of the first frame's range of colours, on both sides: later frames have other extremes
SMOOTH = 0.5  # weight of the past
OPTIONS = RunOptions("", smooth=SMOOTH)


class PredictedVideo(NamedTuple):
    """A new video, the first frame's result with its picture, and how many frames there are and there were."""

    path: Path
    first: Result
    frames: int
    of: int


def predicted_video(
    inferencer: DepthInferencer, path: str, folder: Path, told: Callable[[str], None]
) -> PredictedVideo:
    """Predicts the first frames of a video, and writes them beside their depth, in one range of colours.

    Args:
        inferencer: the model.
        path: of the video.
        folder: where the new one is written, as VP8 in a .webm.
        told: is called with what is going on.

    Raises:
        UserError: if it cannot be read, or no video can be written here.
    """
    video = read_video(path)
    count = min(video.count or MOST_FRAMES, MOST_FRAMES)
    results = inferencer.stream(resized_frames(islice(video.frames, MOST_FRAMES)), keep_images=True)
    first, writer, begun, done = None, None, time.monotonic(), 0
    with tempfile.NamedTemporaryFile(suffix=".webm", prefix="video-", dir=folder, delete=False) as file:
        place = Path(file.name)
    try:
        for result in smoothed(results, SMOOTH):
            told(f"Predicting frame {done + 1} of {count}")
            if first is None:
                first, writer = result, opened_writer(place, video.rate, result.size)
                limits = wider(color_range(result.map, OPTIONS))
            picture = frame_picture(result, OPTIONS, limits)
            writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
            done += 1
            if time.monotonic() - begun > MOST_SECONDS:
                break
    finally:
        results.close()
        video.frames.close()
        if writer is not None:
            writer.release()
    return PredictedVideo(place, first, done, max(video.count, done))


def wider(limits: tuple[float, float]) -> tuple[float, float]:
    """A range of colours with some room at both ends."""
    room = WIDER * (limits[1] - limits[0])
    return limits[0] - room, limits[1] + room


def opened_writer(place: Path, rate: float, size: tuple[int, int]) -> cv2.VideoWriter:
    """A writer of frames of twice that width.

    Raises:
        UserError: if OpenCV has no VP8.
    """
    writer = cv2.VideoWriter(str(place), cv2.VideoWriter_fourcc(*"VP80"), rate or RATE, (2 * size[1], size[0]))
    if not writer.isOpened():
        raise UserError("no video can be written here, as OpenCV has no VP8; give single pictures")
    return writer


def resized_frames(frames: Iterator[np.ndarray], most: int = SIDE) -> Iterator[np.ndarray]:
    """Frames (H, W, 3) with sides of at most that many pixels, even ones, as codecs want them."""
    for frame in frames:
        factor = min(1, most / max(frame.shape[:2]))
        width, height = (max(2, round(side * factor / 2) * 2) for side in frame.shape[1::-1])
        yield cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
