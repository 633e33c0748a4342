"""Reading checkpoint files of any container, without running code."""

import io
import pickle
import struct
import zipfile
import zlib
from pathlib import Path

import torch

from mdetools.errors import UserError, one_line
from mdetools.weights.containers import LONGEST_PICKLE, check_sizes, container_of, refuse_code, unreadable
from mdetools.weights.folders import weight_files
from mdetools.weights.published import published_config_text, read_published
from mdetools.weights.schema import check_checkpoint
from mdetools.weights.shipped import shipped_models
from mdetools.weights.unwrapping import wrapped_state

__all__ = ["read_checkpoint"]

FORMATS = "expected .pth or .safetensors, a Hugging Face folder, or timm:<model name>"

# How torch's unpickler speaks of objects that it does not build.
CODE = ("GLOBAL", "allowlisted", "unrecognized function")

# What the readers raise on bytes that are no checkpoint, by where they first make no sense to them.
DAMAGED = (RuntimeError, EOFError, OSError, LookupError, ValueError, TypeError, AttributeError, AssertionError)
DAMAGED += (ArithmeticError, MemoryError, struct.error, zipfile.BadZipFile, zlib.error)


def read_checkpoint(path: Path | str, map_location: str = "cpu") -> dict:
    """Reads a checkpoint of any known container; pickles only through torch's restricted unpickler.

    Args:
        path: a `.pth` file, a `.safetensors` file, whatever their endings, a Hugging Face model folder, the name of a
            model that comes with mdetools, or `timm:<model name>`, which lets timm download or find the weights of one
            of its models.
        map_location: device of the tensors read.

    Returns:
        What it holds. Its entries `meta` and `meta.cfg`, where it has them, are a dict and a text.

    Raises:
        UserError: if it is missing, truncated, no checkpoint, or holds more than tensors and plain data.
    """
    if str(path).startswith("timm:"):
        return _from_timm(str(path).removeprefix("timm:"))
    files = weight_files(shipped_models().get(str(path), Path(path)))
    parts = [_read_file(file, map_location) for file in files]
    if len(parts) == 1:
        (checkpoint,) = parts
    else:
        checkpoint = {"state_dict": {k: v for part in parts for k, v in wrapped_state(part, str(path)).items()}}
    check_checkpoint(checkpoint, str(path))
    return checkpoint


def _read_file(path: Path, map_location: str) -> dict:
    if not path.is_file():
        raise UserError(f"no checkpoint '{path}'; {FORMATS}")
    container = container_of(path)
    try:
        check_sizes(path, container)
        if container == "safetensors":
            return _from_safetensors(path)
        with BoundedReader(path) as file:  # of which torch does not know the ending
            checkpoint = torch.load(file, map_location=map_location, weights_only=True)
    except UserError:
        raise
    except pickle.UnpicklingError as error:
        if any(phrase in str(error) for phrase in CODE) or _is_bare_pickle(path):
            raise refuse_code(path) from error
        raise unreadable(path, _first_line(error)) from error
    except DAMAGED as error:
        raise unreadable(path, _first_line(error)) from error
    if not isinstance(checkpoint, dict):
        raise UserError(f"'{path}' holds a {type(checkpoint).__name__}; expected a dict of tensors")
    return checkpoint


class BoundedReader(io.BufferedReader):
    """A file that gives so many single bytes and no more: torch's unpickler takes one for each step of a pickle.

    A pickle of the old format has no declared length, and millions of steps in it take minutes.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self.left = LONGEST_PICKLE

    def read(self, size: int | None = -1) -> bytes:
        """As of any file.

        Raises:
            UserError: after too many single bytes.
        """
        self.left -= size == 1
        if self.left < 0:
            raise UserError(
                f"'{self.name}' holds more than {LONGEST_PICKLE:,} steps of plain data beside its tensors; if you "
                "trust its source, save its state_dict alone with torch.save"
            )
        return super().read(size)


def _is_bare_pickle(path: Path) -> bool:
    """Whether a file is a pickle that torch.save did not write: torch reads protocol 2 alone, and writes no other."""
    with path.open("rb") as file:
        head = file.read(2)
    return len(head) == 2 and head[0] == pickle.PROTO[0] and 2 < head[1] <= pickle.HIGHEST_PROTOCOL


def _from_safetensors(path: Path) -> dict:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    published = read_published(path)
    try:
        content = {"state_dict": load_file(path)}
    except SafetensorError as error:
        raise unreadable(path, _first_line(error)) from error
    if published is not None:
        cfg = published_config_text(published)
        content["meta"] = {"mdetools_version": published.mdetools_version, "cfg": cfg}
    return content


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


def _first_line(error: Exception) -> str:
    # Of torch's text about weights_only, the reason alone
    reason = str(error).rpartition("WeightsUnpickler error:")[2].strip()
    return one_line((reason or type(error).__name__).splitlines()[0], 160)
