"""Where the values of a config come from, and what two configs differ in."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from mdetools.engine.configs.finding import config_path
from mdetools.engine.configs.packaged import base_path
from mdetools.engine.configs.reading import bases_of, is_program, read_config
from mdetools.errors import UserError, suggest

__all__ = ["differences", "flat", "origin"]

NOTHING = object()


def flat(value: object, path: str = "") -> dict[str, object]:
    """The values of a tree of dicts by their dotted keys; a list is one value, an empty dict too.

    >>> flat({"a": {"b": 1, "c": [2, {"d": 3}]}})
    {'a.b': 1, 'a.c': [2, {'d': 3}]}
    """
    if not isinstance(value, dict) or not value:
        return {path: value}
    return {
        name: leaf
        for key, child in value.items()
        for name, leaf in flat(child, f"{path}.{key}" if path else key).items()
    }


def differences(one: dict, other: dict) -> list[str]:
    """A line for each value that two configs do not share, in the order of their keys.

    >>> differences({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3, "d": 4}})
    ['a.c: 2 -> 3', 'a.d: not there -> 4']
    """
    before, after = flat(one), flat(other)
    lines = []
    for key in sorted(before.keys() | after.keys()):
        values = [side.get(key, NOTHING) for side in (before, after)]
        if values[0] != values[1]:
            texts = ["not there" if value is NOTHING else repr(value) for value in values]
            lines.append(f"{key}: {texts[0]} -> {texts[1]}")
    return lines


def value_at(config: object, key: str) -> object:
    """The value at a dotted key, or NOTHING."""
    for part in key.split("."):
        if isinstance(config, list | tuple) and part.isdigit() and int(part) < len(config):
            config = config[int(part)]
        elif isinstance(config, dict) and part in config:
            config = config[part]
        else:
            return NOTHING
    return config


def origin(config: str, key: str, cfg_options: Mapping[str, object] = MappingProxyType({})) -> str:
    """The file that a value of a config comes from, with the line where that is plain to see.

    Of a file and its bases it is the first, from the deepest base upwards, that has the very value; a part of several
    values, such as `model.head`, comes from the last file that changed one of them.

    >>> origin("dav2/vits_nyu", "model.backbone.arch").rsplit("configs/")[-1].split(":")[0]
    '_base_/models/dav2_vits.py'

    Args:
        config: a file, or the name of a config that comes with mdetools.
        key: dotted.
        cfg_options: of the command line, which come last.

    Raises:
        UserError: if the config has no such key, or cannot be read.
    """
    for option in cfg_options:
        if f"{key}.".startswith(f"{option}.") or option.startswith(f"{key}."):
            return f"--cfg-options {option}={cfg_options[option]}"
    path = Path(config_path(config) or config).resolve()
    found = read_config(str(path)).to_dict()
    value = value_at(found, key)
    if value is NOTHING:
        raise UserError(f"config '{config}' has no key '{key}'; {hint(found, key)}")
    while True:
        bases = [base_path(base, path).resolve() for base in bases_of(path)]
        same = [base for base in bases if value_at(read_config(str(base)).to_dict(), key) == value]
        if not same:
            return f"{path}{line_of(path, key)}"
        path = same[0]


def hint(config: dict, key: str) -> str:
    """What a dotted key that leads nowhere may mean: a name near the part that is wrong."""
    parts = key.split(".")
    node: object = config
    for part in parts:
        if not isinstance(node, dict) or part not in node:
            break
        node = node[part]
    return suggest(part, node if isinstance(node, dict) else (), "print the whole config to see its keys")


def line_of(path: Path, key: str) -> str:
    """`:LINE` of the nearest thing to a dotted key that a program writes out; nothing if it has none of it."""
    if not is_program(path):
        return ""
    lines = dict(written(ast.parse(path.read_text(encoding="utf-8")).body))
    parts = key.split(".")
    for count in range(len(parts), 0, -1):
        if (line := lines.get(tuple(parts[:count]))) is not None:
            return f":{line}"
    return ""


def written(body: list[ast.stmt]) -> Iterator[tuple[tuple[str, ...], int]]:
    """The keys of assigned dicts, as tuples of their parts, and their lines."""
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield from keys_of(node.value, (node.targets[0].id,), node.lineno)


def keys_of(node: ast.expr, parts: tuple[str, ...], line: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """The same of one value."""
    yield parts, line
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg:
                yield from keys_of(keyword.value, (*parts, keyword.arg), keyword.value.lineno)
    elif isinstance(node, ast.Dict):
        for name, child in zip(node.keys, node.values, strict=True):
            if isinstance(name, ast.Constant):
                yield from keys_of(child, (*parts, str(name.value)), child.lineno)
