"""Hugging Face folders: which files of one hold the weights, and what its JSON files say."""

import json
from pathlib import Path

from mdetools.errors import UserError, one_line
from mdetools.files import failure_reason

__all__ = ["WEIGHTS", "read_json", "weight_files"]

WHOLE = ("model.safetensors", "pytorch_model.bin")
INDEX = ".index.json"  # after the name of the whole: which shard holds which weight
LARGEST = 2**26  # bytes; an index of a hundred thousand weights has 10 MB
LONGEST_NAME = 255  # bytes that a file system takes
WEIGHTS = (".pth", ".pt", ".ckpt", ".bin", ".safetensors")  # endings of files of weights


def weight_files(path: Path) -> list[Path]:
    """The files that together hold the weights at `path`: itself, a folder's one file, or its shards.

    Raises:
        UserError: if there is nothing there, or the index of the shards cannot be read.
    """
    try:
        is_index, is_folder = path.name.endswith(INDEX) and path.is_file(), path.is_dir()
    except OSError as error:  # a name that no file can have
        raise UserError(f"no checkpoint '{path}' ({failure_reason(error)}); name one that is there") from error
    if is_index:
        return _shards(path)
    if not is_folder:
        return [path]
    for name in WHOLE:
        if (path / name).is_file():
            return [path / name]
        if (path / f"{name}{INDEX}").is_file():
            return _shards(path / f"{name}{INDEX}")
    others = sorted(file.name for file in path.iterdir() if file.suffix in WEIGHTS)
    held = f"it holds {one_line(', '.join(others), 100)}: give one of them" if others else "it holds no weights at all"
    raise UserError(f"no checkpoint '{path / WHOLE[0]}', nor {WHOLE[1]} or an index of shards, in that folder; {held}")


def _shards(index: Path) -> list[Path]:
    files = read_json(index).get("weight_map")
    if not isinstance(files, dict) or not files or not all(isinstance(name, str) for name in files.values()):
        raise UserError(f"'{index}' has no weight_map of names and files; download it again")
    names = sorted(set(files.values()))
    for name in names:
        if Path(name).name != name or not name.isprintable() or len(name.encode()) > LONGEST_NAME:
            raise UserError(
                f"'{index}' names the shard {one_line(repr(name), 80)}, expected a file of its own folder; do not "
                "trust it, download it again"
            )
    missing = [name for name in names if not (index.parent / name).is_file()]
    if missing:
        raise UserError(f"'{index}' names {len(missing)} shards that are not there, {missing[:2]}; download them too")
    return [index.parent / name for name in names]


def read_json(path: Path) -> dict:
    """The object that a JSON file holds.

    Raises:
        UserError: if it cannot be read, or holds no object.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UserError(f"'{path}' has more than {LARGEST:,} bytes, which is no description of a model")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"'{path}' cannot be read ({failure_reason(error)}); see to that and run it again") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"'{path}' is no JSON ({one_line(error, 80)}); copy or download it again") from error
    if not isinstance(content, dict):
        raise UserError(f"'{path}' holds a {type(content).__name__}, expected a JSON object; download it again")
    return content
