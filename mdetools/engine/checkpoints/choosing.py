"""Which checkpoint a run goes on from."""

from collections.abc import Iterable
from logging import Logger
from pathlib import Path

from mdetools.engine.checkpoints.contents import check_contents
from mdetools.engine.checkpoints.files import LAST_CHECKPOINT, checkpoints_in, last_checkpoint
from mdetools.errors import UserError
from mdetools.weights.files import read_checkpoint

__all__ = ["candidates", "newest_whole", "read_named"]


def candidates(folder: Path, iters_per_epoch: int) -> list[Path]:
    """The checkpoints that a run in a work dir may go on from: that of its note first, then the newest by name."""
    noted = last_checkpoint(folder)
    others = [path for path in reversed(checkpoints_in(folder, iters_per_epoch)) if path != noted]
    return others if noted is None else [noted, *others]


def newest_whole(paths: Iterable[Path], logger: Logger) -> tuple[Path, dict]:
    """The first of some checkpoints that is whole, and its content; the log says which ones were passed over and why.

    Args:
        paths: what `candidates` gave, at least one.
        logger: of the run.

    Raises:
        UserError: if none is whole.
    """
    faults = []
    for path in paths:
        try:
            checkpoint = _read(path)
        except UserError as error:
            faults.append(str(error))
            continue
        if faults:
            logger.warning(f"passed over: {'; '.join(faults)}; going on from {path.name}, the newest whole checkpoint")
        elif last_checkpoint(path.parent) is None:
            logger.warning(f"no {LAST_CHECKPOINT} names a checkpoint; going on from {path.name}, the newest whole one")
        return path, checkpoint
    if len(faults) == 1:
        raise UserError(faults[0])
    raise UserError(f"none of {len(faults)} checkpoints in the work dir can be resumed; of the newest: {faults[0]}")


def read_named(path: str | Path, iters_per_epoch: int) -> dict:
    """The content of the checkpoint that the user named.

    Raises:
        UserError: if it cannot be resumed; the error names the newest whole one in its folder, if there is one.
    """
    try:
        return _read(path)
    except UserError as error:
        others = [other for other in candidates(Path(path).parent, iters_per_epoch) if other != Path(path)]
        for other in others:
            try:
                _read(other)
            except UserError:
                continue
            raise UserError(f"{error}; the newest whole checkpoint beside it is {other.name}") from error
        raise


def _read(path: str | Path) -> dict:
    checkpoint = read_checkpoint(path)
    check_contents(checkpoint, str(path))
    return checkpoint
