"""Progress of long work, with the time left."""

import sys
import time
from collections.abc import Iterable, Iterator

__all__ = ["track"]


def track(items: Iterable, total: int, title: str) -> Iterator:
    """Yields the items and shows the progress on stderr: a bar on a terminal, a plain line every tenth in a file."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        yield from tqdm(items, title, total, leave=False)
        return
    start, step = time.perf_counter(), max(1, total // 10)
    for done, item in enumerate(items, 1):
        yield item
        if done % step == 0:
            left = (time.perf_counter() - start) / done * (total - done)
            print(f"{title}: {done}/{total}, {left:.0f} s left", file=sys.stderr, flush=True)
