"""How the C library of the process handles memory that is freed."""

import ctypes
import os
import sys

__all__ = ["keep_freed_memory"]

# malloc.h of glibc
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGEST = 2**31 - 1


def keep_freed_memory() -> bool:
    """Lets glibc keep freed memory for the next allocation, in place of handing it back to the system.

    A network frees and allocates the same large blocks in every step; whatever went back to the system has to be mapped
    and zeroed anew, page by page. Kept, it saves 5 to 8 % of the time of inference on a CPU (docs/benchmarks.md).

    Returns:
        whether it was set: not without glibc, and not where the environment's MALLOC_* or GLIBC_TUNABLES already say
        what to do.
    """
    chosen = any(name.startswith("MALLOC_") or name == "GLIBC_TUNABLES" for name in os.environ)
    if sys.platform != "linux" or chosen:
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(mallopt(what, LARGEST) for what in (M_MMAP_THRESHOLD, M_TRIM_THRESHOLD))
