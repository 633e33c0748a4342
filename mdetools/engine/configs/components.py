"""Which component a `type` names, and which keys of a config it takes."""

import inspect
from collections.abc import Callable, Iterable, Sequence

from mmengine.registry import FUNCTIONS

from mdetools import registry
from mdetools.errors import UserError, suggest

__all__ = ["check_component", "check_keys", "find_component", "parameters_of", "takes"]

REGISTRIES = [value for value in vars(registry).values() if isinstance(value, registry.Registry)]
READ_BY_BUILDERS = {"type", "priority", "convert_to_iter_based", "constructor", "paramwise_cfg", "_scope_"}


def find_component(kind: str | Callable) -> Callable | None:
    """The component that a `type` names, in whatever registry; None if none does. A class stands for itself.

    Raises:
        UserError: if it is a dotted path whose module cannot be imported.
    """
    if not isinstance(kind, str):
        return kind
    for one in REGISTRIES:
        component = one.find(kind)
        if component is not None:
            return component
    return FUNCTIONS.get(kind)


def parameters_of(component: Callable) -> set[str] | None:
    """Names of the arguments that a class or function takes, or None if it takes any.

    A class that passes `**kwargs` on takes its base's arguments too.

    >>> sorted(parameters_of(find_component("SubsetDataset")))
    ['count', 'dataset', 'indices', 'seed']
    """
    known: set[str] = set()
    inits = (
        [vars(cls)["__init__"] for cls in component.__mro__ if "__init__" in vars(cls)]
        if inspect.isclass(component)
        else [component]
    )
    for init in inits:
        parameters = inspect.signature(init).parameters.values()
        known |= {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        if not any(p.kind == p.VAR_KEYWORD for p in parameters):
            return known - {"self"}
    return None


def takes(component: Callable | None, argument: str) -> bool:
    """Whether a component has an argument of this name."""
    return component is not None and argument in (parameters_of(component) or ())


def check_keys(path: str, found: Iterable[str], known: set[str]) -> None:
    """Checks the keys of the config's entry at `path` ("" is the top level).

    Raises:
        UserError: at the first that is not `known`, with the nearest right one.
    """
    for key in found:
        if key not in known:
            where = f"{path} has the key '{key}'" if path else f"the top-level key '{key}'"
            raise UserError(f"config: {where}, which nothing reads; {suggest(key, sorted(known - READ_BY_BUILDERS))}")


def check_component(path: str, node: dict) -> Sequence[str]:
    """Checks one component's name and keys; returns those of its arguments that another library interprets.

    Raises:
        UserError: if nothing of that name is registered, or it does not take a key.
    """
    component = find_component(node["type"])
    if component is None:
        names = sorted({name for one in REGISTRIES for name in one.names()})
        hint = suggest(node["type"], names, "`python tools/list_components.py` lists what is")
        raise UserError(f"config: {path}.type is '{node['type']}', which is not registered; {hint}")
    known = parameters_of(component)
    if known is not None:
        check_keys(f"{path} ({node['type']})", node, known | READ_BY_BUILDERS)
    return getattr(component, "opaque_arguments", ())
