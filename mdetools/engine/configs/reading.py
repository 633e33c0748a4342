"""Reading a config file with its bases: a program if it is .py, plain data if it is .yaml, .yml or .json."""

import ast
import re
import traceback
from pathlib import Path, PurePath
from types import FunctionType

import numpy as np
from mmengine.config import Config

from mdetools.engine.configs.packaged import OWN_CONFIGS, PREFIX, base_path, known_configs, packaged_bases
from mdetools.engine.configs.plain_data import load_plain, parse_json, parse_yaml, plain_handlers
from mdetools.errors import UserError, one_line, suggest
from mdetools.reading import is_file

__all__ = ["bases_of", "config_files", "is_program", "read_config"]

PARSERS = {".yaml": parse_yaml, ".yml": parse_yaml, ".json": parse_json}
LAZY = re.compile(r"^with read_base\(", re.MULTILINE)  # MMEngine's other way of inheriting


def bases_of(path: Path) -> list[str]:
    """What `_base_` of a config names.

    Raises:
        UserError: if it cannot be read.
    """
    return _bases(path, f"config '{path}' cannot be read")


def is_program(path: str | Path) -> bool:
    """Whether a config is Python, which runs, and may import."""
    return Path(path).suffix == ".py"


def config_files(path: str) -> list[Path]:
    """A config and all that it inherits from, absolute.

    Raises:
        UserError: if one of them is missing, broken, or of another kind than it may be.
    """
    files: list[Path] = []
    _check_file(Path(path), files, ())
    return files


def read_config(path: str) -> Config:
    """The config of a file, merged with its bases; whatever is wrong with them is one line.

    Raises:
        UserError: if the file, or one of its bases, is missing, broken, or of another kind than it may be.
    """
    if not is_file(Path(path)):
        near = suggest(
            re.sub(r"^configs/|\.py$", "", path), known_configs(), f"those that come with mdetools are in {OWN_CONFIGS}"
        )
        raise UserError(f"no config file '{one_line(path, 300)}'; {near}")
    files, program = config_files(path), is_program(path)
    lazy = program and LAZY.search(Path(path).read_text(encoding="utf-8")) is not None
    try:
        with plain_handlers(), packaged_bases():
            cfg = Config.fromfile(
                path, import_custom_modules=False, use_environment_variables=program, lazy_import=lazy
            )
    except (Exception, SystemExit) as error:  # whatever a program may raise
        raise UserError(f"config '{path}' cannot be read: {_what_happened(error, files)}") from error
    for key in [key for key, value in cfg.items() if callable(value) and not isinstance(value, dict)]:
        del cfg._cfg_dict[key]  # a class or function that the program has imported or defined for its own use
    if not lazy:  # there MMEngine writes classes out itself
        for key, value in cfg._cfg_dict.items():
            cfg._cfg_dict[key] = _written_out(value)
    return cfg


def _what_happened(error: BaseException, files: list[Path]) -> str:
    """An exception on one line, with the line of the config that raised it."""
    reason = one_line(f"{type(error).__name__}: {error}", 300).rstrip(": ")
    if isinstance(error, UserError):
        reason = str(error)
    names = {str(file) for file in files}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in names]
    if not frames:
        return reason
    return f"'{frames[-1].filename}', line {frames[-1].lineno} ({one_line(frames[-1].line, 80)}): {reason}"


def _written_out(node: object) -> object:
    """The plain values of what a program has computed: names of classes and functions, numbers of numpy, paths."""
    match node:
        case dict():
            for key, value in node.items():
                node[key] = _written_out(value)
            return node
        case list() | tuple():
            return type(node)(_written_out(value) for value in node)
        case np.generic():
            return node.item()
        case PurePath():
            return str(node)
        case type() | FunctionType() if "<" not in node.__qualname__:  # as in <lambda> and <locals>
            return f"{node.__module__}.{node.__qualname__}"
    return node


def _check_file(path: Path, files: list[Path], heirs: tuple[Path, ...]) -> None:
    """Checks a file and its bases before anything runs.

    Args:
        path: of the file.
        files: is given every file's absolute path.
        heirs: the files that inherit from it, absolute.

    Raises:
        UserError: at the first fault.
    """
    where = f"config '{heirs[0] if heirs else path}' cannot be read"
    if heirs:
        where += f": its base '{one_line(path, 200)}'"
    if not is_file(path):
        raise UserError(f"{where} does not exist; correct _base_ in '{heirs[-1]}'")
    absolute = path.absolute().resolve()
    if absolute in heirs:
        raise UserError(f"{where} is a base of itself; take it out of _base_ in '{heirs[-1]}'")
    if path.suffix != ".py" and path.suffix not in PARSERS:
        raise UserError(f"{where}: expected a file that ends in .py, .yaml, .yml or .json; rename it")
    if heirs and is_program(path) and not is_program(heirs[-1]) and OWN_CONFIGS not in absolute.parents:
        raise UserError(
            f"{where} is a program, and '{heirs[-1]}' is data that runs nothing; its bases are data too, or configs of "
            f"mdetools in {OWN_CONFIGS}: write it as .py"
        )
    if absolute in files:
        return  # a base of several, checked already
    files += [absolute, path.absolute()]
    for base in _bases(path, where):
        _check_file(base_path(base, path), files, (*heirs, absolute))


def _bases(path: Path, where: str) -> list[str]:
    """What `_base_` of a file names."""
    try:
        text = path.read_text(encoding="utf-8")
        if is_program(path):
            bases = _bases_of_program(path, text)
        else:
            bases = load_plain(text, PARSERS[path.suffix]).get("_base_", [])
    except SyntaxError as error:
        line = f"line {error.lineno}: " if error.lineno else ""
        raise UserError(f"{where}: {line}SyntaxError: {one_line(error.msg)}") from error
    except (Exception, SystemExit) as error:
        raise UserError(f"{where}: {_what_happened(error, [path.absolute()])}") from error
    bases = [bases] if isinstance(bases, str) else bases
    if not isinstance(bases, list | tuple) or not all(isinstance(base, str) for base in bases):
        raise UserError(f"{where}: _base_ is {one_line(repr(bases), 80)}, expected a list of files; correct it")
    for base in bases:
        if ("::" in base or "://" in base) and not base.startswith(PREFIX):
            url = one_line(base, 200)
            raise UserError(
                f"{where}: _base_ is '{url}', expected a file on this machine, or {PREFIX}NAME for one that comes with "
                "mdetools; copy it beside the config"
            )
        if "{{" in base and not is_program(path):  # MMEngine would fill it in, after these checks
            raise UserError(
                f"{where}: _base_ is '{one_line(base, 200)}', expected a path without variables; write it out"
            )
    return [base for base in bases if "{{" not in base]


def _bases_of_program(path: Path, text: str) -> list[str] | str:
    """`_base_` of a program, which is evaluated before the rest of it, by itself."""
    for node in ast.parse(text, str(path.absolute())).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "_base_":
            return eval(compile(ast.Expression(node.value), str(path.absolute()), "eval"))  # as MMEngine does
    return []
