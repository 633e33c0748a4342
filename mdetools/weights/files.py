"""Checkpoint files: written whole or not at all, read without running code."""

import os
import pickle
import struct
from pathlib import Path

import torch

from mdetools.errors import UserError

__all__ = ["last_checkpoint", "point_to_last", "read_checkpoint", "write_checkpoint"]

LAST_CHECKPOINT = "last_checkpoint"  # MMEngine's name for the file that names the newest checkpoint
FORMATS = "expected .pth or .safetensors, a Hugging Face folder, or timm:<model name>"

# How torch's unpickler speaks of objects that it does not build.
CODE = ("GLOBAL", "allowlisted", "unrecognized function")

# What it raises on bytes that are no checkpoint, by where they first make no sense to it.
DAMAGED = (RuntimeError, EOFError, OSError, LookupError, ValueError, TypeError, AttributeError, AssertionError)
DAMAGED += (struct.error,)


def write_checkpoint(checkpoint: dict, path: Path) -> None:
    """Writes `checkpoint` to a temporary file beside `path` and renames it, so that `path` is never half written.

    Raises:
        UserError: if the disk is full or not writable; what stood at `path` before is untouched.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            torch.save(checkpoint, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, RuntimeError) as error:  # torch's zip writer reports a failed write as a RuntimeError
        temporary.unlink(missing_ok=True)
        cause = error if isinstance(error, OSError) else error.__context__ or error
        raise UserError(
            f"checkpoint '{path}' cannot be written ({cause}); the checkpoints before it are whole: "
            "free some space and go on with --resume"
        ) from error


def point_to_last(path: Path) -> None:
    """Notes `path` as its folder's newest checkpoint, in one atomic step.

    Raises:
        UserError: if the disk is full or not writable; the note then stays as it was.
    """
    temporary = path.parent / f".{LAST_CHECKPOINT}.tmp"
    try:
        temporary.write_text(path.name)
        temporary.replace(path.parent / LAST_CHECKPOINT)
    except OSError as error:
        raise UserError(
            f"'{path.parent / LAST_CHECKPOINT}' cannot be written ({error}); free some space and go on with --resume"
        ) from error


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint of a run, or None if it has written none yet."""
    pointer = folder / LAST_CHECKPOINT
    return folder / pointer.read_text().strip() if pointer.is_file() else None


def read_checkpoint(path: Path | str, map_location: str = "cpu") -> dict:
    """Reads a checkpoint of any known container; pickles only through torch's restricted unpickler.

    Args:
        path: a `.pth` file, a `.safetensors` file, a Hugging Face model folder, or `timm:<model name>`, which lets timm
            download or find the weights of one of its models.
        map_location: device of the tensors read.

    Raises:
        UserError: if it is missing, truncated, no checkpoint, or holds more than tensors and plain data.
    """
    if str(path).startswith("timm:"):
        return _from_timm(str(path).removeprefix("timm:"))
    path = Path(path)
    if path.is_dir():
        path = path / "model.safetensors"
    if not path.is_file():
        raise UserError(f"no checkpoint '{path}'; {FORMATS}")
    if path.suffix == ".safetensors":
        return _from_safetensors(path)
    try:
        checkpoint = torch.load(path, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        if any(phrase in str(error) for phrase in CODE) or _is_bare_pickle(path):
            raise UserError(
                f"'{path}' is refused: it holds code or objects, or may do so, not tensors and plain data alone; if "
                "you trust its source, load it in Python and save its state_dict anew with torch.save"
            ) from error
        raise UserError(_unreadable(path, error)) from error
    except DAMAGED as error:
        raise UserError(_unreadable(path, error)) from error
    if not isinstance(checkpoint, dict):
        raise UserError(f"'{path}' holds a {type(checkpoint).__name__}; expected a dict of tensors")
    return checkpoint


def _is_bare_pickle(path: Path) -> bool:
    """Whether a file is a pickle that torch.save did not write: torch reads protocol 2 alone, and writes no other."""
    with path.open("rb") as file:
        head = file.read(2)
    return len(head) == 2 and head[0] == pickle.PROTO[0] and 2 < head[1] <= pickle.HIGHEST_PROTOCOL


def _from_safetensors(path: Path) -> dict:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return {"state_dict": load_file(path)}
    except SafetensorError as error:
        raise UserError(_unreadable(path, error)) from error


def _from_timm(name: str) -> dict:
    import timm

    if not timm.is_model(name.split(".")[0]):
        raise UserError(
            f"timm has no model '{name}'; `python -c \"import timm; print(timm.list_models('*dinov2*'))\"` lists some"
        )
    try:
        return {"state_dict": timm.create_model(name, pretrained=True, num_classes=0).state_dict()}
    except (OSError, RuntimeError) as error:  # no network and nothing cached; or no weights of that tag
        raise UserError(
            f"timm cannot give the weights 'timm:{name}' ({_first_line(error)}); check the name and the network, "
            "or give the path of a downloaded file"
        ) from error


def _unreadable(path: Path, error: Exception) -> str:
    return f"'{path}' is truncated or no checkpoint ({_first_line(error)}); copy or download it again"


def _first_line(error: Exception) -> str:
    # Of torch's text about weights_only, the reason alone
    reason = str(error).rpartition("WeightsUnpickler error:")[2].strip()
    return (reason or type(error).__name__).splitlines()[0][:160]
