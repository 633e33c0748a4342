"""The config that a checkpoint holds, which is text: parsed, never executed."""

import ast
import math
import re

from mdetools.errors import UserError, one_line

__all__ = ["class_name", "parse_config_text"]

LONGEST = 1_000_000  # characters; a config has some thousand
FLOATS = {"inf": math.inf, "nan": math.nan}  # which Python prints by names that it does not know


def parse_config_text(text: str, source: str) -> dict:
    """The values of a config that `Config.pretty_text` wrote out: assignments of plain values, lists and dicts.

    Anything else, such as a call of a function, is left as the text that it is.

    >>> parse_config_text("model = dict(head=dict(max_depth=10.0), hook=print('hello'))", "a.pth")
    {'model': {'head': {'max_depth': 10.0}, 'hook': "print('hello')"}}

    Args:
        text: of the config.
        source: the file that holds it, for the error.

    Raises:
        UserError: if it is not Python, or far too long.
    """
    if len(text) > LONGEST:
        raise UserError(
            f"'{source}' holds a config of {len(text)} characters, expected at most {LONGEST}; it is no checkpoint of "
            "mdetools, or was tampered with"
        )
    try:
        statements = ast.parse(text).body
        return {
            statement.targets[0].id: plain_value(statement.value)
            for statement in statements
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
        }
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise UserError(
            f"the config that '{source}' holds cannot be read ({one_line(error, 160)}); copy the file again"
        ) from error


def plain_value(node: ast.expr) -> object:
    """The value of an expression, if it is made of literals, lists, tuples and dicts; else its text."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Name(id=name) if name in FLOATS:
            return FLOATS[name]
        case ast.UnaryOp(op=ast.USub()) if isinstance(value := plain_value(node.operand), int | float):
            return -value
        case ast.List():
            return [plain_value(element) for element in node.elts]
        case ast.Tuple():
            return tuple(plain_value(element) for element in node.elts)
        case ast.Dict() if None not in node.keys:
            return dict(zip(map(plain_value, node.keys), map(plain_value, node.values), strict=True))
        case ast.Call(func=ast.Name(id="dict"), args=[]) if all(keyword.arg for keyword in node.keywords):
            return {keyword.arg: plain_value(keyword.value) for keyword in node.keywords}
        case ast.Call(func=ast.Name(id="dict"), args=[ast.Dict() as inner], keywords=[]):
            return plain_value(inner)
    return ast.unparse(node)


def class_name(name: object) -> str:
    """The class that a `type` means: a registered name, a dotted path, or what Python prints of a class.

    >>> class_name("my.package.MyBackbone")
    'MyBackbone'
    """
    return (re.findall(r"\w+", str(name)) or [""])[-1]
