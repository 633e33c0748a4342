"""A model in one file: safetensors whose header holds, as JSON, what it takes to use it.

The header's entry `mdetools` is an object with

| key | what |
|---|---|
| `version`, `mdetools_version` | of this layout, 1; of mdetools |
| `name` | of the model |
| `quantity` | what it predicts, a key of `mdetools.contract.QUANTITIES` |
| `model` | its config, by registered names alone, without losses |
| `resize` | config of the `Resize` of its images |
| `licence` | of the weights |
| `facts` | what else is known: data sets, metrics, protocol; texts, numbers, lists and objects |
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from torch import Tensor

from mdetools import __version__
from mdetools.errors import UserError, one_line
from mdetools.files import replacing
from mdetools.weights.containers import container_of, unreadable

__all__ = ["KEY", "Published", "published_config_text", "read_published", "require_published", "write_published"]

KEY = "mdetools"  # in the header, which safetensors keep as texts by names
VERSION = 1
LONGEST = 200_000  # characters; that of mdetools-tiny has 2,000
TEXTS = ("name", "quantity", "licence", "mdetools_version")


@dataclass(frozen=True)
class Published:
    """What the header of such a file says; see the module's table."""

    name: str
    quantity: str
    model: dict
    resize: dict
    licence: str
    facts: dict = field(default_factory=dict)
    version: int = VERSION
    mdetools_version: str = __version__


def write_published(path: str | Path, state: Mapping[str, Tensor], published: Published) -> None:
    """Writes a model, whole or not at all.

    Args:
        path: the file.
        state: the model's state dict, in the type that the file is to have.
        published: what it is.

    Raises:
        UserError: if the file cannot be written, or the header is longer than a reader takes.
        TypeError: if something in the header is not what JSON holds.
    """
    from safetensors.torch import save_file

    text = json.dumps(asdict(published), allow_nan=False)
    if len(text) > LONGEST:
        raise UserError(f"{path}: its header would have {len(text)} characters, expected at most {LONGEST}; say less")
    with replacing(path) as temporary:
        save_file({name: value.contiguous() for name, value in state.items()}, temporary, {"format": "pt", KEY: text})


def read_published(path: str | Path) -> Published | None:
    """What a file of safetensors says of its model; None if it is no model that was published so.

    Args:
        path: an existing file of safetensors.

    Raises:
        UserError: if its header is damaged, or of a newer version of mdetools.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            text = (file.metadata() or {}).get(KEY)
    except (SafetensorError, OSError) as error:
        raise unreadable(Path(path), one_line(error, 160)) from error
    return None if text is None else _parse(text, path)


def require_published(path: str | Path, cure: str) -> Published:
    """What a published file says of its model.

    Args:
        path: an existing file of weights, of any container.
        cure: what to do with a file that says nothing, the end of a sentence.

    Raises:
        UserError: if it says nothing, or is damaged; see `read_published`.
    """
    published = read_published(path) if container_of(Path(path)) == "safetensors" else None
    if published is None:
        raise UserError(
            f"'{path}' has no header that says how to build its model, as published files of mdetools have; {cure}"
        )
    return published


def _parse(text: str, path: str | Path) -> Published:
    damage = f"'{path}': its header is not what mdetools writes"
    try:
        header = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{damage} ({one_line(error, 100)}); download it again") from error
    if not isinstance(header, dict):
        raise UserError(f"{damage} (it has {len(text)} characters and is no object); download it again")
    version = header.get("version")
    if type(version) is int and version > VERSION:
        raise UserError(f"'{path}' has a header of version {version}, expected at most {VERSION}; update mdetools")
    kinds = dict.fromkeys(TEXTS, str) | {"version": int, "model": dict, "resize": dict, "facts": dict}
    for name, kind in kinds.items():
        if not isinstance(header.get(name), kind):
            found = one_line(repr(header.get(name)), 60)
            raise UserError(f"{damage} ({name} is {found}, expected {kind.__name__}); download it again")
    return Published(**{name: header[name] for name in kinds})


def published_config_text(published: Published) -> str:
    """The config in the form in which every checkpoint of mdetools holds it, see `parse_config_text`."""
    return f"model = {published.model!r}\n"
