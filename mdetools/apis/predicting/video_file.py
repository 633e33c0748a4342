"""Videos: written whole or not at all, smoothed over time, in one range of colours."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from mdetools.apis.inference.fitting import rising_fit
from mdetools.errors import UserError
from mdetools.files import replacing

__all__ = ["Smoother", "VideoFile", "video_file"]

RATE = 25.0  # frames per second where the source does not say
SPARSE = 7  # of so many values one is fitted


class VideoFile:
    """An .mp4 that grows frame by frame.

    Args:
        path: of the file, which must end in .mp4.
        rate: frames per second; 0 takes 25.
    """

    def __init__(self, path: Path, rate: float) -> None:
        self.path, self.rate, self.encoder = path, rate or RATE, None

    def add(self, frame: np.ndarray) -> None:
        """Takes the next frame, uint8 (H, W, 3), RGB, all of one size.

        Raises:
            UserError: if OpenCV cannot write a video.
        """
        if self.encoder is None:
            size = frame.shape[1::-1]
            self.encoder = cv2.VideoWriter(str(self.path), cv2.VideoWriter_fourcc(*"mp4v"), self.rate, size)
            if not self.encoder.isOpened():
                raise UserError(f"{self.path}: no video of {size[1]}x{size[0]} can be written; take --save npy")
        self.encoder.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))

    def close(self) -> None:
        """Ends the file."""
        if self.encoder is not None:
            self.encoder.release()


@contextmanager
def video_file(path: Path, rate: float) -> Iterator[VideoFile]:
    """A video that appears at `path` once it is whole; of no frame there is no file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    growing = path.with_name(f".{path.stem}.growing.mp4")  # OpenCV takes the format from the ending
    video = VideoFile(growing, rate)
    try:
        yield video
        video.close()
        if growing.exists():
            with replacing(path) as temporary:
                growing.replace(temporary)
    finally:
        video.close()
        growing.unlink(missing_ok=True)


class Smoother:
    """The exponential mean of a video's maps: `weight` of the past, and the rest of what is new.

    A relative map is first brought to the scale and shift of the past by least squares, since these jump from frame to
    frame and mean nothing.

    >>> smooth = Smoother(0.5)
    >>> [float(smooth(np.full((2, 2), value), relative=False)[0, 0]) for value in (1.0, 2.0)]
    [1.0, 1.5]

    Args:
        weight: of the past, 0 to less than 1.
    """

    def __init__(self, weight: float) -> None:
        self.weight, self.past = weight, None

    def __call__(self, values: np.ndarray, relative: bool) -> np.ndarray:
        """The smoothed map of the next frame, (H, W)."""
        if self.past is None or self.past.shape != values.shape:
            self.past = values
        else:
            new = fitted(values, self.past) if relative else values
            self.past = self.weight * self.past + (1 - self.weight) * new
        return self.past


def fitted(values: np.ndarray, past: np.ndarray) -> np.ndarray:
    """The values times a scale, above 0, plus a shift, as near to the past as least squares brings them."""
    fit = rising_fit(values.ravel()[::SPARSE], past.ravel()[::SPARSE])
    return values if fit is None else values * fit[0] + fit[1]  # without one it is another scene
