"""Configs that are data: YAML and JSON, read by loaders that make plain values and run nothing."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import yaml
from mmengine.fileio.handlers import JsonHandler, YamlHandler
from mmengine.fileio.handlers.registry_utils import file_handlers

from mdetools.engine.configs.option_values import parse_value
from mdetools.errors import UserError, one_line

__all__ = ["check_plain", "check_runs_nothing", "load_plain", "parse_json", "parse_yaml", "plain_handlers"]

LONGEST = 200_000  # characters of a file; a config with all that it inherits has 6,000
MOST_VALUES, DEEPEST, LONGEST_NAME = 1_000_000, 60, 200
PLAIN = (type(None), bool, int, float, str)
OWN_SCOPES = ("mdetools", "mmengine")


class PlainLoader(yaml.SafeLoader):
    """YAML's safe loader, with the numbers, dates and words of the command line in place of YAML 1.1's own.

    Of 2011_09_26, 2011-09-26, 0123, 1:30 and `no` YAML 1.1 makes numbers, dates and False, and of 1e-5 a text.
    """

    yaml_implicit_resolvers: dict = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """A dict; a key that stands twice is an error, not the last one's value."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        _check_once(keys)
        return super().construct_mapping(node, deep)


def _construct_word(loader: PlainLoader, node: yaml.ScalarNode) -> object:
    quoted = node.style is not None
    value = node.value if quoted else parse_value(node.value)
    return None if not quoted and node.value in ("", "~", "null") else value


PlainLoader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("<<"), ["<"])
PlainLoader.add_constructor("tag:yaml.org,2002:str", _construct_word)


def _check_once(keys: Iterable) -> None:
    seen = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"the key '{key}' stands twice in one place")
        seen.add(key)


def _unique(pairs: list[tuple[str, object]]) -> dict:
    _check_once(key for key, _ in pairs)
    return dict(pairs)


def load_plain(text: str, parse: Callable[[str], object]) -> dict:
    """The config in the text of a file.

    Raises:
        UserError: if it is too long, not what its ending says, or anything but a dict of plain values.
    """
    if len(text) > LONGEST:
        raise UserError(f"it has {len(text)} characters, expected at most {LONGEST}; it is no config")
    try:
        config = parse(text)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise UserError(f"{type(error).__name__}: {one_line(error, 300)}") from error
    if not isinstance(config, dict):
        raise UserError(f"it holds a {type(config).__name__}, expected a dict of entries such as model")
    check_plain(config, classes=False)
    return config


def parse_yaml(text: str) -> object:
    """The value of a YAML document."""
    return yaml.load(text, PlainLoader)  # a SafeLoader


def parse_json(text: str) -> object:
    """The value of a JSON document."""
    return json.loads(text, object_pairs_hook=_unique)


class PlainYaml(YamlHandler):
    """MMEngine's handler of YAML files, with a loader that runs nothing."""

    def load_from_fileobj(self, file, **kwargs) -> dict:
        """Reads an open file."""
        return load_plain(file.read(), parse_yaml)


class PlainJson(JsonHandler):
    """MMEngine's handler of JSON files, with the same limits."""

    def load_from_fileobj(self, file) -> dict:
        """Reads an open file."""
        return load_plain(file.read(), parse_json)


@contextmanager
def plain_handlers() -> Iterator[None]:
    """Has MMEngine read YAML and JSON with these handlers inside: its own for YAML builds any object a tag names.

    Outside they stay its own, since it reads annotations and results with them too.
    """
    before = dict(file_handlers)
    file_handlers.update(yaml=PlainYaml(), yml=PlainYaml(), json=PlainJson())
    try:
        yield
    finally:
        file_handlers.update(before)


def check_plain(config: dict, classes: bool) -> None:
    """Checks that a config is a tree of plain values with names for keys.

    Args:
        config: all of it.
        classes: whether a class or a function may stand where its name would.

    Raises:
        UserError: at the first value that is not, or if there are far too many, as aliases of aliases can make them.
    """
    count, rest = 0, [("", config, 0)]
    while rest:
        path, node, depth = rest.pop()
        count += 1
        if count > MOST_VALUES or depth > DEEPEST:
            what = f"more than {MOST_VALUES} values" if count > MOST_VALUES else f"entries nested {depth} deep"
            raise UserError(f"config: it has {what}, at {one_line(path[1:], 80)}; it may hold itself: make it simpler")
        if isinstance(node, dict):
            for key, value in node.items():
                if not (isinstance(key, str) and key.isprintable() and len(key) <= LONGEST_NAME):
                    name = one_line(repr(key), 80)
                    raise UserError(f"config: {path[1:] or 'it'} has the key {name}, expected a name; change it")
                rest.append((f"{path}.{key}", value, depth + 1))
        elif isinstance(node, list | tuple):
            rest += [(f"{path}.{index}", value, depth + 1) for index, value in enumerate(node)]
        elif not isinstance(node, PLAIN) and not (classes and callable(node)):
            raise UserError(
                f"config: {path[1:]} is {one_line(repr(node), 80)} ({type(node).__name__}), expected plain values: "
                "numbers, text, True, False, None, lists and dicts; change it"
            )


def check_runs_nothing(node: object, path: str = "") -> None:
    """Checks that nothing of a config that is data would be imported from outside of mdetools and MMEngine.

    Raises:
        UserError: at a dotted path, a `custom_imports` or a foreign scope.
    """
    if isinstance(node, list | tuple):
        node = dict(enumerate(node))
    for key, value in node.items() if isinstance(node, dict) else ():
        where = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict | list | tuple) and key != "custom_imports":
            check_runs_nothing(value, where)
        elif key == "custom_imports" and value or _is_foreign(str(key), value):
            raise UserError(
                f"config: {where} is {one_line(repr(value), 80)}, which would import a module, and a config in YAML or "
                "JSON is data that runs nothing; use the registered name, or write the config as .py"
            )


def _is_foreign(key: str, value: object) -> bool:
    """Whether an entry makes MMEngine's registries import something."""
    if not isinstance(value, str):
        return False
    if key in ("_scope_", "default_scope"):
        return value not in OWN_SCOPES
    names_a_component = key in ("type", "constructor") or key.endswith("_type")
    scope, dot, name = value.partition(".")
    return names_a_component and bool(dot) and (scope not in OWN_SCOPES or "." in name)
