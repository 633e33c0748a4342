"""The frames of video files and cameras, read ahead of their use in a thread."""

import queue
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

import cv2
import numpy as np

from mdetools.errors import UserError
from mdetools.reading import require_file

__all__ = ["VIDEO_ENDINGS", "Video", "ahead", "is_video", "read_camera", "read_video"]

VIDEO_ENDINGS = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv")
AHEAD = 4  # frames that wait
Item = TypeVar("Item")


class Video(NamedTuple):
    """A video that is being read.

    Attributes:
        frames: uint8 (H, W, 3), RGB, one after the other.
        rate: frames per second; 0 if the file does not say.
        size: (H, W), pixels.
        count: of frames, as the file's header says; 0 if it does not.
    """

    frames: Iterator[np.ndarray]
    rate: float
    size: tuple[int, int]
    count: int


def is_video(path: str | Path) -> bool:
    """Whether a file is a video, by its ending."""
    return Path(path).suffix.lower() in VIDEO_ENDINGS


def read_video(path: str | Path, chosen: Iterable[int] | None = None) -> Video:
    """Opens a video file.

    Args:
        path: of the file.
        chosen: numbers of the frames that are wanted, rising; None takes all.

    Raises:
        UserError: if there is no such file, or it is no video.
    """
    require_file(path, "a video")
    return opened(cv2.VideoCapture(str(path)), f"{path}: not a readable video; convert it to .mp4 (H.264)", chosen)


def read_camera(number: int) -> Video:
    """Opens a camera by its number.

    Raises:
        UserError: if there is none.
    """
    cure = "plug it in, give yourself the right to use it, or name a file"
    return opened(cv2.VideoCapture(number), f"no camera {number} can be opened, expected one; {cure}")


def opened(capture: cv2.VideoCapture, problem: str, chosen: Iterable[int] | None = None) -> Video:
    """A video of OpenCV's, which decodes in a thread of its own; upright, as the file's rotation says."""
    good, first = capture.read() if capture.isOpened() else (False, None)
    if not good:
        capture.release()
        raise UserError(problem)
    rate, count = (max(capture.get(what), 0) for what in (cv2.CAP_PROP_FPS, cv2.CAP_PROP_FRAME_COUNT))
    frames = decoded(capture, first, None if chosen is None else set(chosen))
    return Video(ahead(frames, AHEAD), rate, first.shape[:2], int(count))


def decoded(capture: cv2.VideoCapture, frame: np.ndarray, chosen: set[int] | None) -> Iterator[np.ndarray]:
    """The frames from the first one on; of those that are not wanted only the compressed data is read."""
    number, good = 0, True
    try:
        while good:
            if chosen is None or number in chosen:
                if frame is None:
                    _, frame = capture.retrieve()
                yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
            if chosen is not None and number >= max(chosen, default=-1):
                return
            number, frame, good = number + 1, None, capture.grab()
            if good and chosen is None:
                good, frame = capture.retrieve()
    finally:
        capture.release()


def ahead(items: Iterator[Item], count: int) -> Iterator[Item]:
    """The items of an iterator, which a thread draws, up to `count` of them before they are asked for."""
    waiting: queue.Queue = queue.Queue(count)
    stopped, end = threading.Event(), object()

    def put(item: object) -> None:
        while not stopped.is_set():
            try:
                waiting.put(item, timeout=0.1)
                return
            except queue.Full:
                continue

    def draw() -> None:
        try:
            for item in items:
                put((item, None))
                if stopped.is_set():
                    break
            put((end, None))
        except BaseException as error:  # handed on to whoever asks for the next item
            put((end, error))
        finally:
            getattr(items, "close", lambda: None)()

    thread = threading.Thread(target=draw, name="read ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, error = waiting.get()
            if error is not None:
                raise error
            if item is end:
                return
            yield item
    finally:
        stopped.set()
        thread.join()
