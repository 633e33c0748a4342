"""Reading, preparing and computing at the same time; results in the order of the pictures, few of them at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from mdetools.apis.inference.batching import group_by_size, in_order
from mdetools.apis.inference.cameras import intrinsics_of
from mdetools.apis.inference.inputs import Entry
from mdetools.apis.inference.network import Network, Predicted, Running
from mdetools.apis.inference.preparing import Preparation
from mdetools.apis.inference.result import Result
from mdetools.contract import Sample
from mdetools.datasets.rgbd.cameras import Camera
from mdetools.errors import UserError

__all__ = ["Options", "Skip", "stream_results"]

Skip = Callable[[str, UserError], None]


class Options(NamedTuple):
    """How pictures are read and put together.

    Attributes:
        batch_size: the most of a batch.
        workers: threads that read and prepare.
        camera: focal length in pixels, or camera, of every picture; None looks for each picture's own.
        baseline: metres, for models of disparity.
        keep_images: whether results hold the pictures.
    """

    batch_size: int
    workers: int
    camera: float | Camera | None = None
    baseline: float | None = None
    keep_images: bool = False


class Prepared(NamedTuple):
    """A picture on its way: what the network gets, and the result as far as it is known."""

    sample: Sample
    entry: Entry
    size: tuple[int, int]
    intrinsics: np.ndarray | None
    image: np.ndarray | None


def stream_results(
    entries: Iterable[Entry], prepare: Preparation, network: Network, options: Options, skip: Skip | None = None
) -> Iterator[Result]:
    """Predicts pictures, and yields each result as soon as those before it are there.

    Args:
        entries: the pictures.
        prepare: what makes samples of them.
        network: what predicts them.
        options: see there.
        skip: is told the name of a picture that cannot be read or prepared, and why; None raises.

    Raises:
        UserError: of the first picture that cannot be read, without `skip`.
    """
    ready = prepared_ahead(entries, prepare, options, skip)
    groups = group_by_size(ready, lambda one: tuple(one.sample["image"].shape), options.batch_size)
    try:
        yield from in_order(computed(groups, network))
    finally:
        ready.close()


def prepared_ahead(
    entries: Iterable[Entry], prepare: Preparation, options: Options, skip: Skip | None
) -> Iterator[Prepared]:
    """Pictures in their order, a few of which are always being read by threads."""
    most = options.batch_size + 2 * options.workers
    pending: deque[tuple[Entry, Future]] = deque()
    pool = ThreadPoolExecutor(options.workers, "picture reader")
    try:
        for entry in entries:
            pending.append((entry, pool.submit(prepare_one, entry, prepare, options)))
            while len(pending) >= most:
                yield from outcome(*pending.popleft(), skip)
        while pending:
            yield from outcome(*pending.popleft(), skip)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def outcome(entry: Entry, future: Future, skip: Skip | None) -> Iterator[Prepared]:
    """What became of one picture; nothing if it is skipped."""
    try:
        yield future.result()
    except UserError as error:
        if skip is None:
            raise
        skip(entry.path or "a picture in memory", error)


def prepare_one(entry: Entry, prepare: Preparation, options: Options) -> Prepared:
    """Reads and prepares one picture, in a thread."""
    image = entry.read()
    size = image.shape[:2]
    intrinsics = intrinsics_of(size, entry.path, entry.root, options.camera)
    sample = prepare(image, entry.path or "", intrinsics, options.baseline)
    kept = None
    if options.keep_images:
        kept = image if image.dtype == np.uint8 else np.rint(image).astype(np.uint8)
    return Prepared(sample, entry, size, intrinsics, kept)


def computed(groups: Iterable[list[tuple[int, Prepared]]], network: Network) -> Iterator[tuple[int, Result]]:
    """Results with the numbers of their pictures; on a GPU the next batch is begun before one is fetched."""
    running: deque[tuple[list[tuple[int, Prepared]], Running]] = deque()
    for group in groups:
        running.append((group, network.start([one.sample for _, one in group])))
        while len(running) > (network.device.type == "cuda"):
            yield from finished(*running.popleft())
    while running:
        yield from finished(*running.popleft())


def finished(group: list[tuple[int, Prepared]], running: Running) -> Iterator[tuple[int, Result]]:
    """The results of one batch."""
    for (number, one), predicted in zip(group, running.finish(), strict=True):
        yield number, result_of(one, predicted)


def result_of(one: Prepared, predicted: Predicted) -> Result:
    """What is known of a picture and its prediction."""
    quantity, values = predicted
    of_image = values.ndim == 1
    return Result(
        quantity=quantity.name,
        unit=quantity.unit,
        size=one.size,
        map=None if of_image else values,
        scores=values if of_image else None,
        focal_length=None if one.intrinsics is None else float(one.intrinsics[0, 0]),
        path=one.entry.path,
        frame=one.entry.frame,
        intrinsics=one.intrinsics,
        image=one.image,
    )
