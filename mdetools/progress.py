"""Progress of long work, with the time left."""

import sys
import time
from collections.abc import Iterable, Iterator

__all__ = ["track"]


def track(items: Iterable, total: int, title: str) -> Iterator:
    """Yields the items and shows the progress on stderr: a bar on a terminal, a plain line each tenth in a file."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        yield from tqdm(items, title, total, leave=False)
        return
    start = time.perf_counter()
    for done, item in enumerate(items, 1):
        yield item
        if 10 * done // total > 10 * (done - 1) // total:
            left = (time.perf_counter() - start) / done * (total - done)
            print(f"{title}: {done}/{total}, {left:.0f} s left", file=sys.stderr, flush=True)
