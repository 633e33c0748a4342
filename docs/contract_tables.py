"""Writes the page of the data contract from its two tables, so that it says what the code does."""

import inspect
from pathlib import Path

from mdetools.contract import FIELDS, QUANTITIES
from mdetools.contract import fields as fields_module

__all__ = ["write_contract_tables"]

HEAD = """# The data contract

A sample, a batch and a prediction are plain dicts of tensors. What a key is stands on one line of a table, which
transforms, packing, collation, preprocessing, models, protocols, pictures and inference all read; a plugin adds a line
([add a component](add_a_component.md)). This page is made from the tables themselves.

## What may stand in a sample

A map has one value per pixel and is resized to the nearest; an image is resized smoothly; a camera follows the image; a
value belongs to the whole image; points are pixel positions; what is made on the device is computed by a batch step;
and so are channels, which stand behind the image's own in what the model gets.

| key | kind | type | layout | where unknown | what it is |
|---|---|---|---|---|---|
"""
MIDDLE = """
## What a head may predict

A head returns exactly one of these. All but relative ones and classes become metres where a camera gives what it takes.

| key | unit | ground truth | of unknown scale and shift | drawn as | a loss that takes it |
|---|---|---|---|---|---|
"""


def comments() -> dict[str, str]:
    """What stands behind each line of `FIELDS`."""
    lines = inspect.getsource(fields_module).splitlines()
    found = {}
    for line in lines:
        start, _, comment = line.partition("#")
        if start.strip().startswith('"') and "Field(" in start:
            found[start.split('"')[1]] = comment.strip()
    return found


def write_contract_tables(folder: Path) -> None:
    """Writes `contract.md` into the folder of the documentation, if it would change."""
    said = comments()
    rows = [
        f"| `{name}` | {field.kind} | {str(field.dtype or 'text').removeprefix('torch.')} | "
        f"{' x '.join(field.axes) or 'one number' if field.dtype else ''} | {field.hole} | {said.get(name, '')} |"
        for name, field in FIELDS.items()
    ]
    quantities = [
        f"| `{one.name}` | {one.unit or 'none'} | `{one.truth}` | {'yes' if one.relative else 'no'} | "
        f"{one.picture or 'not'} | {one.suggested_loss} |"
        for one in QUANTITIES.values()
    ]
    text = HEAD + "\n".join(rows) + "\n" + MIDDLE + "\n".join(quantities) + "\n"
    path = folder / "contract.md"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
