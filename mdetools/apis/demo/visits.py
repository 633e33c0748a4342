"""What happens to a visitor's file: checked, predicted, kept."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch

from mdetools.apis.demo.store import Kept, ResultStore
from mdetools.apis.demo.videos import predicted_video
from mdetools.apis.inference.video import is_video
from mdetools.apis.inferencer import DepthInferencer
from mdetools.datasets.readers.image_header import declared_size
from mdetools.errors import UserError

__all__ = ["MOST_BYTES", "MOST_PIXELS", "Visits"]

MOST_BYTES = 64 * 2**20  # of a file
MOST_PIXELS = 25_000_000  # of a picture
LONGEST_NAME = 60


class Visits:
    """Predicts what visitors bring, one after the other.

    Args:
        inferencer: the model.
        store: keeps the results.
        folder: of the videos that are written.
    """

    def __init__(self, inferencer: DepthInferencer, store: ResultStore, folder: Path) -> None:
        self.inferencer, self.store, self.folder = inferencer, store, folder
        self.model_is_free = threading.Lock()

    def predict(self, path: str, told: Callable[[str], None] = lambda line: None) -> str:
        """Predicts a picture's or a video's file.

        Args:
            path: of the file.
            told: is called with what is going on.

        Returns:
            The name of the result in the store, of a video that of its first frame.

        Raises:
            UserError: if the file is too large or cannot be read, in words that leave out where it lies.
        """
        with self.model_is_free, words_for_visitors(path):
            name = Path(path).stem[:LONGEST_NAME]
            if is_video(path):
                video = predicted_video(self.inferencer, path, self.folder, told)
                return self.store.add(Kept(video.first, name, video))
            check_size(Path(path))
            told("Predicting")
            (result,) = self.inferencer.stream(path, keep_images=True)
            return self.store.add(Kept(replace(result, path=None), name))


def check_size(path: Path) -> None:
    """Checks a picture's size before anything is decoded.

    Raises:
        UserError: if the file is larger than 64 MB, no picture, or of more than 25 million pixels.
    """
    if path.stat().st_size > MOST_BYTES:
        raise UserError(f"{path}: has {path.stat().st_size / 2**20:.0f} MB, expected {MOST_BYTES >> 20} MB at most")
    size = declared_size(path.read_bytes())
    if size is not None and size[0] * size[1] > MOST_PIXELS:
        raise UserError(
            f"{path}: has {size[1]} x {size[0]} pixels, expected {MOST_PIXELS / 1e6:.0f} million at most; make it "
            "smaller"
        )


@contextmanager
def words_for_visitors(path: str) -> Iterator[None]:
    """Names a file as its owner does, without the folder on the server."""
    try:
        yield
    except UserError as error:
        raise UserError(str(error).replace(path, Path(path).name).replace(str(Path(path).parent), "")) from error
    except torch.cuda.OutOfMemoryError as error:
        raise UserError(f"{Path(path).name}: the GPU has not enough memory for it; make it smaller") from error
