"""Checkpoint files: written whole or not at all, and the note that names the newest."""

from pathlib import Path

import torch

from mdetools.errors import UserError
from mdetools.files import failure_reason, replacing, write_text

__all__ = ["last_checkpoint", "point_to_last", "write_checkpoint"]

LAST_CHECKPOINT = "last_checkpoint"  # MMEngine's name for the file that names the newest checkpoint
ADVICE = "the checkpoints before it are whole: free some space and go on with --resume"


def write_checkpoint(checkpoint: dict, path: Path) -> None:
    """Writes `checkpoint` so that `path` is never half written.

    Raises:
        UserError: if the disk is full or not writable; what stood at `path` before is untouched.
    """
    try:
        with replacing(path, ADVICE, durable=True) as temporary, temporary.open("wb") as file:
            torch.save(checkpoint, file)
    except RuntimeError as error:  # as which torch's zip writer reports a failed write
        raise UserError(
            f"{path}: cannot be written ({failure_reason(error.__context__ or error)}); {ADVICE}"
        ) from error


def point_to_last(path: Path) -> None:
    """Notes `path` as its folder's newest checkpoint, in one atomic step.

    Raises:
        UserError: if the disk is full or not writable; the note then stays as it was.
    """
    write_text(path.parent / LAST_CHECKPOINT, path.name, ADVICE, durable=True)


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint of a run, or None if it has written none yet."""
    pointer = folder / LAST_CHECKPOINT
    return folder / pointer.read_text().strip() if pointer.is_file() else None
