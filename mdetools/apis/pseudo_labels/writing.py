"""Label files are encoded and written by threads, while the network works on."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from torch import Tensor

from mdetools.apis.pseudo_labels.label_file import LabelFormat
from mdetools.files import replacing

__all__ = ["LabelWriter", "write_label"]

PENDING = 4  # maps that wait, for each thread


def write_label(path: Path, inverse_depth: Tensor, kind: LabelFormat) -> str | None:
    """Writes one label, whole or not at all.

    Args:
        path: of the file.
        inverse_depth: (H, W), on any device.
        kind: of file.

    Returns:
        Why there is none, if the map has numbers that the file cannot hold; else None.

    Raises:
        UserError: if the file cannot be written.
    """
    values = inverse_depth.cpu().numpy()
    if not np.isfinite(values).all():
        return f"{path}: not written, as the model predicts numbers that are not finite"
    if np.abs(values).max() > kind.largest:
        return f"{path}: not written, as the model predicts numbers beyond {kind.largest:.0f}; take --format png16"
    with replacing(path) as temporary:
        temporary.write_bytes(kind.encode(values))
    return None


class LabelWriter:
    """Writes labels in threads; of those that wait there are never more than a few for each.

    Use it as a context: its end waits for the files that were begun, and gives up the others after an error.

    Args:
        kind: of files.
        threads: that encode and write.
    """

    def __init__(self, kind: LabelFormat, threads: int) -> None:
        self.kind = kind
        self.most = PENDING * threads
        self.pool = ThreadPoolExecutor(threads, "label writer")
        self.pending: deque[tuple[int, Future]] = deque()

    def __enter__(self) -> "LabelWriter":
        return self

    def __exit__(self, *error: object) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)

    def write(self, position: int, path: Path, inverse_depth: Tensor) -> Iterator[tuple[int, str | None]]:
        """Takes one label, and yields (position, why there is none) of those that are done by now.

        Raises:
            UserError: if one could not be written.
        """
        self.pending.append((position, self.pool.submit(write_label, path, inverse_depth, self.kind)))
        while len(self.pending) > self.most or (self.pending and self.pending[0][1].done()):
            yield self._next()

    def finish(self) -> Iterator[tuple[int, str | None]]:
        """Yields, as `write` does, the labels that are left."""
        while self.pending:
            yield self._next()

    def _next(self) -> tuple[int, str | None]:
        position, future = self.pending.popleft()
        return position, future.result()
