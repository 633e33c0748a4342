"""Finds the first misspelt key or component of a config before anything is built from it."""

from collections.abc import Callable

from mmengine.config import Config

from mdetools import registry
from mdetools.engine.configs.arguments import check_annotated
from mdetools.engine.configs.components import check_component, check_keys, check_required, is_known_code
from mdetools.engine.configs.entries import (
    CLIPPING,
    LOADERS,
    PARAMWISE,
    PLAIN_DICTS,
    TOP_LEVEL,
    Types,
)
from mdetools.engine.configs.ranges import check_ranges
from mdetools.engine.configs.slots import holds_several, slot_of
from mdetools.errors import UserError, one_line, suggest

__all__ = ["check_config"]

# What stands in an entry as a rule, for the message that it has no type.
USUAL = {
    "model": "Estimator",
    "model.backbone": "DINOv2",
    "model.head": "DPTHead",
    "optim_wrapper.optimizer": "AdamW",
} | {
    f"{loader}.{entry}": usual
    for loader in LOADERS
    for entry, usual in (
        ("dataset", "NYUDataset"),
        ("sampler", "EpochSampler"),
        ("batch_sampler", "torch.utils.data.BatchSampler"),
    )
}
# What an entry without a type is.
DEFAULT_TYPES = {
    "model.data_preprocessor": "DataPreprocessor",
    "optim_wrapper": "OptimWrapper",
    "log_processor": "LogProcessor",
    "val_cfg": "ValLoop",
    "test_cfg": "TestLoop",
}


def check_config(cfg: Config) -> None:
    """Checks the keys of a config against what its components take.

    Keys that begin with an underscore are the config's own variables and are left alone.

    Raises:
        UserError: at the first key or component that nothing knows, with the nearest right one.
    """
    root = {key: value for key, value in cfg._cfg_dict.items() if not key.startswith("_")}
    check_keys("", root, set(TOP_LEVEL))
    for path, known in PLAIN_DICTS.items():
        _check_plain_dict(path, _at(root, path), known)
    check_annotated("", root, TOP_LEVEL)
    scope, scopes = root.get("default_scope", "mdetools"), sorted(["mmengine", *registry.MODELS.parent.children])
    if scope not in scopes:
        raise UserError(f"config: default_scope is '{scope}'; {suggest(scope, scopes)}")
    for key, value in root.items():
        if key == "optim_wrapper" and isinstance(value, dict):
            value = _check_optim_wrapper(value)
        _walk(key, value, None)


def _at(node, path: str):
    """The entry at a dotted path, or None."""
    for key in path.split("."):
        node = node.get(key) if isinstance(node, dict) else None
    return node


def _check_plain_dict(path: str, node: object, known: Types) -> None:
    if node is None:
        return
    if not isinstance(node, dict):
        raise UserError(
            f"config: {path} is {one_line(repr(node), 100)}, expected a dict; its keys are: {', '.join(sorted(known))}"
        )
    check_keys(path, node, set(known))
    check_annotated(path, node, known)
    check_ranges(path, node)


def _check_optim_wrapper(wrapper: dict) -> dict:
    """Checks what of the optimiser's wrapper is no component; returns the rest."""
    constructor = wrapper.get("constructor", "DefaultOptimWrapperConstructor")
    constructors = registry.OPTIM_WRAPPER_CONSTRUCTORS
    if not isinstance(constructor, str) or constructors.find(constructor) is None:
        hint = suggest(constructor, constructors.names())
        raise UserError(f"config: optim_wrapper.constructor is '{constructor}', which is not registered; {hint}")
    if constructor in PARAMWISE:
        _check_plain_dict("optim_wrapper.paramwise_cfg", wrapper.get("paramwise_cfg"), PARAMWISE[constructor])
    _check_clipping(wrapper.get("clip_grad"))
    return {key: value for key, value in wrapper.items() if key not in ("paramwise_cfg", "clip_grad")}


def _check_clipping(clip_grad) -> None:
    kind = clip_grad.get("type", "norm") if isinstance(clip_grad, dict) else "norm"
    if not isinstance(kind, str) or kind not in CLIPPING:
        raise UserError(f"config: optim_wrapper.clip_grad.type is '{kind}', expected norm or value; choose one")
    _check_plain_dict("optim_wrapper.clip_grad", clip_grad, CLIPPING[kind])
    limit = {"norm": "max_norm", "value": "clip_value"}[kind]
    if clip_grad is not None and clip_grad.get(limit) is None:
        raise UserError(f"config: optim_wrapper.clip_grad needs '{limit}', which is not there; set it, or no clip_grad")


def _walk(path: str, node: object, owner: Callable | None, argument: bool = False) -> None:
    """Checks what lies at and below a path.

    Args:
        path: dotted path in the config.
        node: what stands there.
        owner: the component that it belongs to; what the entries of a plugin's mean is known to the plugin alone.
        argument: whether it is an argument of that component itself.
    """
    slot = slot_of(path, argument) if owner is None or is_known_code(owner) else None
    if isinstance(node, dict):
        if path in DEFAULT_TYPES:
            node = {"type": DEFAULT_TYPES[path], **node}
        component, opaque = owner, ()
        if "type" in node:
            component, opaque = check_component(path, node, slot)
        elif slot is not None and not holds_several(path):
            usual = USUAL.get(path, "NAME")
            raise UserError(f"config: {path} has no type, expected the name of a component; set {path}.type={usual}")
        elif path not in PLAIN_DICTS:
            _check_named_components(path, node)
        for key, value in node.items():
            if key not in opaque:
                _walk(f"{path}.{key}", value, component, "type" in node)
        if "type" in node:
            check_required(path, node, component, slot)
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            _walk(f"{path}.{index}", value, owner)
    elif node is not None and slot is not None:
        what = one_line(repr(node), 80)
        raise UserError(f"config: {path} is {what}, expected a dict with a type; set {path}.type to a component's name")


def _check_named_components(path: str, node: dict) -> None:
    """Checks that a dict of named components (a pipeline, losses, hooks) has no entry without a type.

    `--cfg-options losses.silgo.lam=0.3` makes such an entry in place of changing `losses.silog`.
    """
    components = {key for key, value in node.items() if isinstance(value, dict) and "type" in value}
    for key, value in node.items():
        if components and isinstance(value, dict) and key not in components:
            hint = suggest(key, sorted(components), f"those with one are: {', '.join(sorted(components))}")
            raise UserError(f"config: {path} has the entry '{key}' without a type; {hint}")
