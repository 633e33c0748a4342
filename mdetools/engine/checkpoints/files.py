"""Checkpoint files: written whole or not at all, found again, and the note that names the newest."""

import re
from pathlib import Path

import torch

from mdetools.files import replacing, unwritable, write_text

__all__ = ["checkpoints_in", "last_checkpoint", "point_to_last", "write_checkpoint"]

LAST_CHECKPOINT = "last_checkpoint"  # MMEngine's name for the file that names the newest checkpoint
ADVICE = "the checkpoints before it are whole: {cure} and go on with --resume"
NAME = re.compile(r"(epoch|iter)_(\d{1,15})\.pth")
LONGEST = 255  # characters of a file's name


def write_checkpoint(checkpoint: dict, path: Path, advice: str = ADVICE) -> None:
    """Writes `checkpoint` so that `path` is never half written; see `replacing` for `advice`.

    Raises:
        UserError: if the disk is full or not writable; what stood at `path` before is untouched.
    """
    try:
        with replacing(path, advice, durable=True) as temporary, temporary.open("wb") as file:
            torch.save(checkpoint, file)
    except RuntimeError as error:  # as which torch's zip writer reports whatever ended a write
        cause = error.__context__ or error
        if not isinstance(cause, Exception):  # Ctrl-C
            raise cause from None
        raise unwritable(path, cause, advice) from error


def point_to_last(path: Path) -> None:
    """Notes `path` as its folder's newest checkpoint, in one atomic step.

    Raises:
        UserError: if the disk is full or not writable; the note then stays as it was.
    """
    write_text(path.parent / LAST_CHECKPOINT, path.name, ADVICE, durable=True)


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint of a run, as its note says; None if there is no note, or none that names a file beside it.

    The file need not be there, nor whole.
    """
    pointer = folder / LAST_CHECKPOINT
    if not pointer.is_file():
        return None
    try:
        with pointer.open("rb") as file:
            name = file.read(4 * LONGEST + 1).decode().strip()
    except (OSError, UnicodeDecodeError):
        return None
    plain = name.isprintable() and len(name) <= LONGEST and Path(name).name == name and name.endswith(".pth")
    return folder / name if plain else None


def checkpoints_in(folder: Path, iters_per_epoch: int) -> dict[Path, int]:
    """A run's checkpoints, by their names, with the number of finished iterations; the oldest first.

    Args:
        folder: the work dir.
        iters_per_epoch: for the names that count epochs.
    """
    found = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        match = NAME.fullmatch(path.name)
        if match:
            found[path] = int(match[2]) * (iters_per_epoch if match[1] == "epoch" else 1)
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0].name)))
