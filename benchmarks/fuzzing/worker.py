"""A process that reads mutated files, and the one beside it that notices when it crashes, hangs or takes memory."""

import multiprocessing
import os
import random
import resource
import shutil
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path

from fuzzing.mutations import mutated
from fuzzing.target import Target
from mdetools.errors import UserError

__all__ = ["FAILURES", "OUTCOMES", "content_of", "judge", "outcomes"]

OUTCOMES = ("ok", "UserError", "raw", "contract", "style", "memory", "hang", "crash")
FAILURES = OUTCOMES[2:]
MEMORY = 2 * 2**30  # bytes that a reader may ask for; half of it may be resident
SECONDS = 10
IN_MEMORY = Path("/dev/shm")  # a folder where there is one
LONGEST = 999  # characters of a line: one that was cut to 1,000 lost its end


def content_of(target: Target, seeds: list[bytes], seed: int, index: int) -> bytes:
    """The mutated file that a seed and an index stand for."""
    return mutated(target, seeds, random.Random(f"{seed}/{target.name}/{index}"))


def judge(target: Target, path: Path) -> tuple[str, str]:
    """Reads a file: what came of it, of `OUTCOMES`, and its message."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.read(path)
    except UserError as error:
        line = str(error)
        return ("UserError" if line.isprintable() and 0 < len(line) <= LONGEST else "style"), line
    except AssertionError as error:
        return "contract", str(error)
    except MemoryError as error:
        return "memory", where(error)
    except BaseException as error:
        return "raw", where(error)
    return "ok", ""


def where(error: BaseException) -> str:
    """An exception and the place that raised it, on one line."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "mdetools" in frame.filename] or frames
    return f"{type(error).__name__}: {error} ({Path(ours[-1].filename).name}:{ours[-1].lineno})".replace("\n", " ")


def work(target: Target, folder: Path, seed: int, indices: range, pipe) -> None:
    """Reads one file after the other and sends (index, outcome, message) of each; ends when one took much memory."""
    with Path(os.devnull).open("w") as nowhere:  # image libraries complain on stderr
        os.dup2(nowhere.fileno(), 2)
    path, seeds = target.prepare(folder)
    target.read(write(path, seeds[0]))  # what is imported late counts for nobody
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    for index in indices:
        outcome, message = judge(target, write(path, content_of(target, seeds, seed, index)))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start) * 1024
        if grown > MEMORY / 2:
            pipe.send((index, "memory", f"{grown / 2**20:.0f} MiB, then {outcome} {message}"))
            return
        pipe.send((index, outcome, message))


def write(path: Path, content: bytes) -> Path:
    """Puts a file in place of the last one; a new one, as a reader may still have the old one open."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    return path


def outcomes(target: Target, seed: int, indices: range) -> Iterator[tuple[int, str, str]]:
    """Yields (index, outcome, message) of each index; starts another process after a crash or a hang."""
    context = multiprocessing.get_context("fork")
    while indices:
        folder = Path(tempfile.mkdtemp(prefix="fuzz-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(target, folder, seed, indices, theirs), daemon=True)
        process.start()
        theirs.close()
        try:
            while indices:
                if not ours.poll(SECONDS):
                    yield indices[0], "hang", f"longer than {SECONDS} s"
                    indices = indices[1:]
                    break
                try:
                    yield ours.recv()
                except EOFError:
                    process.join()
                    if process.exitcode:  # 0 after a report of memory
                        yield indices[0], "crash", f"exit code {process.exitcode}"
                        indices = indices[1:]
                    break
                indices = indices[1:]
        finally:
            process.kill()
            process.join()
            shutil.rmtree(folder, ignore_errors=True)
