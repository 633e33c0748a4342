"""What the words of a command line mean: values of `KEY=VALUE`, and `~` for a home folder."""

import ast
import math
import os
import re
import warnings
from pathlib import Path

__all__ = ["expand_home", "named_root", "parse_value"]

WORDS = {"true": True, "false": False, "none": None}
NUMBER = re.compile(r"0|[1-9][0-9]*|([0-9]*\.[0-9]+|[0-9]+\.|0|[1-9][0-9]*)([eE][-+]?[0-9]+)?")
# A number that Python refuses, or reads as another: 0005, 00, 2011_09_26. It stands alone, or in a list without quotes.
NAME_OF_DIGITS = re.compile(r"(?<![\w.+'\"-])[0-9]+(_[0-9]+)+(?![\w.])|(?<![\w.+'\"-])0[0-9]+(?![\w.])")


def parse_value(text: str) -> object:
    """The value that a text stands for: a Python literal of plain values, or else the text itself.

    A number is what everybody would write as one. A date, a scene or a sequence stays text, inside a list too.

    >>> parse_value("1e-4"), parse_value("2011_09_26"), parse_value("[00, 5]"), parse_value("none")
    (0.0001, '2011_09_26', ['00', 5], None)
    """
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    quoted = text.strip()
    if "'" not in text and '"' not in text:
        if "#" in text:
            return text  # Python would take it for a number and a comment
        quoted = NAME_OF_DIGITS.sub(r"'\g<0>'", quoted)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an escape like that in C:\data
            return _plain(ast.parse(quoted, mode="eval").body, quoted)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return text


def _plain(node: ast.expr, source: str) -> object:
    """The value of a literal; a ValueError where it is none."""
    match node:
        case ast.Constant(value=str() | bool() | None):
            return node.value
        case ast.Constant(value=int() | float()):
            written = ast.get_source_segment(source, node)
            return node.value if NUMBER.fullmatch(written) and math.isfinite(node.value) else written
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant(value=int() | float() as number)):
            if isinstance(_plain(node.operand, source), str) or isinstance(number, bool):
                return ast.get_source_segment(source, node)
            return -number if isinstance(node.op, ast.USub) else number
        case ast.List():
            return [_plain(element, source) for element in node.elts]
        case ast.Tuple():
            return tuple(_plain(element, source) for element in node.elts)
        case ast.Dict() if None not in node.keys:
            return {
                _plain(key, source): _plain(value, source) for key, value in zip(node.keys, node.values, strict=True)
            }
    raise ValueError("not a literal")


def expand_home(value: object) -> object:
    """Writes out a `~` or `~user` at the beginning of a text or a path, also of those in lists, tuples and dicts."""
    match value:
        case str() if value.startswith("~"):
            return os.path.expanduser(value)  # noqa: PTH111, as it leaves a ~ alone that names no user
        case Path() if str(value).startswith("~"):
            return Path(expand_home(str(value)))
        case list() | tuple():
            return type(value)(expand_home(one) for one in value)
        case dict():
            return {key: expand_home(one) for key, one in value.items()}
    return value


def named_root(text: str) -> tuple[str | None, str]:
    """The name and the folder of `NAME=DIR`; None and the folder of a folder alone, such as `./a=b`.

    >>> named_root("rooms=data/nyu"), named_root("data/nyu")
    (('rooms', 'data/nyu'), (None, 'data/nyu'))
    """
    match = re.fullmatch(r"(\w[\w.-]*)=(.*)", text)
    return (match[1], match[2]) if match else (None, text)
