"""Whether the arguments of a component are all there, and of the types that its signature declares."""

import inspect
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from torch import nn

from mdetools.errors import UserError, one_line

__all__ = ["check_annotated", "check_types", "parameters_of"]

TAKE_NONE = (object, nn.Module)  # for all that their signatures say
SEQUENCES = (list, tuple, Sequence, Iterable)
NAMES = {int: "an integer", float: "a number", str: "text", bool: "True or False", type(None): "None", dict: "a dict"}


def parameters_of(component: Callable) -> tuple[dict[str, inspect.Parameter], bool]:
    """The arguments that a class or function takes by name, and whether it takes any others too.

    A class that passes `**kwargs` on takes its base's arguments too.
    """
    known: dict[str, inspect.Parameter] = {}
    inits = [component]
    if inspect.isclass(component):
        inits = [vars(cls)["__init__"] for cls in component.__mro__ if "__init__" in vars(cls) and cls not in TAKE_NONE]
    for_any = bool(inits)
    for init in inits:
        parameters = inspect.signature(init).parameters.values()
        for p in parameters:
            if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name != "self" and p.name not in known:
                known[p.name] = p.replace(annotation=_evaluated(p.annotation, init))
        if not any(p.kind == p.VAR_KEYWORD for p in parameters):
            return known, False
    return known, for_any


def _evaluated(annotation: object, function: Callable) -> object:
    """An annotation that may be written as text; one that cannot be understood is Any."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, getattr(function, "__globals__", {}))  # of installed code, not of a config
    except Exception:
        return Any


def check_types(path: str, component: Callable, node: dict) -> None:
    """Checks the arguments of a component against the annotations of its signature; a default always fits.

    Raises:
        UserError: at the first of a wrong type.
    """
    parameters, _ = parameters_of(component)
    annotated = {
        name: parameter.annotation
        for name, parameter in parameters.items()
        if name in node and parameter.annotation is not parameter.empty and node[name] is not parameter.default
    }
    check_annotated(path, node, annotated)


def check_annotated(path: str, node: dict, annotations: Mapping[str, object]) -> None:
    """Checks entries against annotations made of numbers, text, literals, lists and dicts.

    Raises:
        UserError: at the first of a wrong type.
    """
    for name, value in node.items():
        if name in annotations and not fits(value, annotations[name]):
            where, what = f"{path}.{name}".lstrip("."), one_line(repr(value), 100)
            raise UserError(f"config: {where} is {what}, expected {_words(annotations[name])}; change it")


def fits(value: object, annotation: object) -> bool:
    """Whether a plain value is what an annotation says; what it says of other classes is not checked.

    >>> fits(2, float), fits(True, int), fits([28, 42], tuple[int, int]), fits("x", int | None)
    (True, False, True, False)
    """
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in inner)
    if origin is Literal:
        return value in inner
    if origin is Annotated:
        return fits(value, inner[0])
    kind = origin or annotation
    if kind in SEQUENCES:
        return isinstance(value, list | tuple) and _elements_fit(value, kind, inner)
    if kind in (dict, Mapping):
        return isinstance(value, dict) and (
            not inner or all(one is None or fits(one, inner[1]) for one in value.values())
        )
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is str:
        return isinstance(value, str)
    if kind in (None, type(None)):
        return value is None
    known = inspect.isclass(kind) and kind is not Any and not getattr(kind, "_is_protocol", False)
    if not known or isinstance(value, dict | list | tuple):
        return True  # what such an annotation takes is not known
    return isinstance(value, kind) or (issubclass(kind, PurePath) and isinstance(value, str))


def _elements_fit(values: Sequence, kind: type, inner: tuple) -> bool:
    if kind is tuple and inner and inner[-1] is not Ellipsis:
        return len(values) == len(inner) and all(fits(value, one) for value, one in zip(values, inner, strict=True))
    return not inner or all(fits(value, inner[0]) for value in values)


def _words(annotation: object) -> str:
    """`an integer or None` for `int | None`."""
    if get_origin(annotation) in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_words(one) for one in get_args(annotation)))
    if get_origin(annotation) is Literal:
        return " or ".join(map(repr, get_args(annotation)))
    if get_origin(annotation) is None and annotation in NAMES:
        return NAMES[annotation]
    if (get_origin(annotation) or annotation) in SEQUENCES:
        inner = get_args(annotation)
        length = f" of {len(inner)}" if get_origin(annotation) is tuple and inner and inner[-1] is not Ellipsis else ""
        return f"a list{length}"
    return "a dict" if get_origin(annotation) in (dict, Mapping) else getattr(annotation, "__name__", str(annotation))
