"""Which component a `type` names, and which keys of a config it takes."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from mmengine.runner import Priority

from mdetools import registry
from mdetools.engine.configs.arguments import check_annotated, check_types, parameters_of
from mdetools.engine.configs.ranges import check_ranges
from mdetools.engine.configs.slots import Slot
from mdetools.errors import UserError, one_line, suggest

__all__ = ["check_component", "check_keys", "check_required", "find_component", "is_known_code", "takes", "title_of"]

REGISTRIES = tuple(value for value in vars(registry).values() if isinstance(value, registry.Registry))
ANYWHERE = Slot(REGISTRIES)
BUILDERS_KEYS = {
    "priority": int | Literal[tuple(Priority.__members__)] | None,
    "convert_to_iter_based": bool,
}
LONGEST_NAME = 200  # characters of a dotted path
KNOWN_CODE = ("mdetools", "mmengine", "torch")  # whose arguments mean what their names say

UNKNOWN = "which is not registered (one of your own: install its package, or name it in custom_imports)"


def find_component(kind: str | Callable, registries: Sequence[registry.Registry] = REGISTRIES) -> Callable | None:
    """The component that a `type` names, in the first registry that has it; None if none does. A class is its own.

    >>> find_component("SubsetDataset").__name__
    'SubsetDataset'

    Raises:
        UserError: if it is a dotted path whose module cannot be imported, or that gives no component of these kinds.
    """
    if not isinstance(kind, str):
        return kind
    refusal: UserError | None = None
    for one in registries:
        try:
            component = one.find(kind)
        except UserError as error:
            if refusal is None:
                refusal = error
            continue
        if component is not None:
            return component
    if refusal is not None:
        raise refusal
    return None


def title_of(kind: str | Callable) -> str:
    """How a `type` is called in a message: a class by its name."""
    return kind if isinstance(kind, str) else kind.__name__


def takes(component: Callable | None, argument: str) -> bool:
    """Whether a component has an argument of this name."""
    return component is not None and argument in parameters_of(component)[0]


def is_known_code(component: Callable | None) -> bool:
    """Whether a component is one of mdetools, MMEngine or torch."""
    return getattr(component, "__module__", "").partition(".")[0] in KNOWN_CODE


def check_keys(path: str, found: Iterable[str], known: set[str]) -> None:
    """Checks the keys of the config's entry at `path` ("" is the top level).

    Raises:
        UserError: at the first that is not `known`, with the nearest right one.
    """
    for key in found:
        if key not in known:
            where = f"{path} has the key '{key}'" if path else f"the top-level key '{key}'"
            hint = suggest(
                key, sorted(known - {"type", "_scope_"}), "it takes none" if known <= {"type", "_scope_"} else None
            )
            raise UserError(f"config: {where}, which nothing reads; {hint}")


def check_component(path: str, node: dict, slot: Slot | None) -> tuple[Callable, Sequence[str]]:
    """Checks one component's name, keys and values.

    Args:
        path: dotted path in the config.
        node: its config.
        slot: what may stand there; None if only a plugin knows.

    Returns:
        the component, and those of its arguments that another library interprets.

    Raises:
        UserError: if nothing of that name is registered for this entry, or it does not take a key or a value.
    """
    kind = node["type"]
    if not callable(kind) and not (isinstance(kind, str) and len(kind) <= LONGEST_NAME):
        raise UserError(
            f"config: {path}.type is {one_line(repr(kind), 80)}, expected the name of a component; change it"
        )
    component = _find(path, kind, slot or ANYWHERE)
    parameters, takes_more = parameters_of(component)
    read = {"type"} | (slot or ANYWHERE).read
    if not takes_more:
        check_keys(f"{path} ({title_of(kind)})", node, set(parameters) | read)
    scopes = Literal[("mmengine", *registry.MODELS.parent.children)]  # a plugin may have added its own
    check_annotated(path, node, BUILDERS_KEYS | {"_scope_": scopes})
    arguments = {key: value for key, value in node.items() if key not in read}
    check_types(path, component, arguments)
    if is_known_code(component):
        check_ranges(path, node)
    return component, getattr(component, "opaque_arguments", ())


def check_required(path: str, node: dict, component: Callable, slot: Slot | None) -> None:
    """Checks that a component's config has every argument without a default that its builder does not add.

    What the bases of a plugin's class require is left alone, as its own `__init__` may give it to them.

    Raises:
        UserError: at the first that is missing.
    """
    if slot is None or slot.given is None:
        return
    parameters = parameters_of(component)[0]
    if not is_known_code(component):
        parameters = {name: parameters[name] for name in inspect.signature(component).parameters if name in parameters}
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in node and name not in slot.given:
            title = title_of(node["type"])
            raise UserError(f"config: {path} ({title}) needs '{name}', which is not there; set {path}.{name}")


def _find(path: str, kind: str | Callable, slot: Slot) -> Callable:
    try:
        component = find_component(kind, slot.registries)
    except UserError as error:
        raise UserError(f"config: {path}.type: {error}") from error
    expected = f"expected {slot.registries[0].expected()}"
    if component is not None and not any(one.holds(component) for one in slot.registries):
        raise UserError(f"config: {path}.type is {one_line(repr(component), 100)}, {expected}; change it")
    if component is None:
        names = sorted({name for one in slot.registries for name in one.names()})
        home = next((one for one in REGISTRIES if kind in one.names()), None)
        what = UNKNOWN if home is None else f"which is {registry.with_article(home.name)}, {expected}"
        hint = suggest(kind, names, "`mdetools list` lists what is")
        raise UserError(f"config: {path}.type is '{kind}', {what}; {hint}")
    return component
