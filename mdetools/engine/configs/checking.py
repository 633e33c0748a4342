"""Names every misspelt key or component of a config before anything is built from it."""

import inspect
from collections.abc import Sequence
from difflib import get_close_matches

from mmengine.config import Config
from mmengine.registry import FUNCTIONS
from mmengine.runner import Runner
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.utils.data import DataLoader

from mdetools import registry
from mdetools.engine.optim.param_groups import encoder_decoder_groups
from mdetools.errors import UserError

__all__ = ["check_config"]

REGISTRIES = [value for value in vars(registry).values() if isinstance(value, registry.Registry)]

# Keys of MMEngine's that no signature declares.
TOP_LEVEL = {"pretrained", "custom_imports", "activation_checkpointing", "find_unused_parameters", "model_wrapper_cfg"}
TOP_LEVEL |= {"sync_bn", "env_cfg"} | (set(inspect.signature(Runner).parameters) - {"self", "cfg"})
READ_BY_BUILDERS = {"type", "priority", "convert_to_iter_based", "constructor", "paramwise_cfg", "_scope_"}
PLAIN_DICTS = {
    "pretrained": {"checkpoint", "encoder_only"},
    "env_cfg": {"cudnn_benchmark", "mp_cfg", "dist_cfg", "resource_limit"},
    "env_cfg.mp_cfg": {"mp_start_method", "opencv_num_threads"},
    # Not MMEngine's diff_rank_seed: a step's seed has the rank in it, and resuming needs one seed for all processes.
    "randomness": {"seed", "deterministic"},
}
CLIPPING = {"norm": clip_grad_norm_, "value": clip_grad_value_}
PARAMWISE = {
    "EncoderDecoderConstructor": set(inspect.signature(encoder_decoder_groups).parameters) - {"model", "lr"},
    "DefaultOptimWrapperConstructor": {
        "custom_keys", "bias_lr_mult", "bias_decay_mult", "norm_decay_mult", "dwconv_decay_mult", "flat_decay_mult",
        "dcn_offset_lr_mult", "bypass_duplicate",
    },
}  # fmt: skip
LOADER = set(inspect.signature(DataLoader).parameters) | {"num_batch_per_epoch"}


def check_config(cfg: Config) -> None:
    """Checks the keys of a config against what its components take.

    Keys that begin with an underscore are the config's own variables and are left alone.

    Raises:
        UserError: at the first key or component that nothing knows, with the nearest right one.
    """
    root = cfg._cfg_dict
    _check_keys("", [key for key in root if not key.startswith("_")], TOP_LEVEL)
    for path, known in PLAIN_DICTS.items():
        _check_plain_dict(path, _at(root, path), known)
    for key, value in root.items():
        if key.endswith("_dataloader"):
            _check_plain_dict(key, value, LOADER)
        if key == "optim_wrapper" and isinstance(value, dict):
            value = _check_optim_wrapper(value)
        if not key.startswith("_"):
            _walk(key, value)


def _at(node, path: str):
    """The entry at a dotted path, or None."""
    for key in path.split("."):
        node = node.get(key) if isinstance(node, dict) else None
    return node


def _check_plain_dict(path: str, node, known: set[str]) -> None:
    if node is None:
        return
    if not isinstance(node, dict):
        raise UserError(f"config: {path} is {node!r}, expected a dict; its keys are: {', '.join(sorted(known))}")
    _check_keys(path, node, known)


def _check_optim_wrapper(wrapper: dict) -> dict:
    """Checks what of the optimiser's wrapper is no component; returns the rest, with MMEngine's default type."""
    constructor = wrapper.get("constructor", "DefaultOptimWrapperConstructor")
    constructors = registry.OPTIM_WRAPPER_CONSTRUCTORS
    if isinstance(constructor, str) and constructors.find(constructor) is None:
        names = set(constructors.names())
        hint = _nearest(constructor, names) or f"; expected one of: {', '.join(sorted(names))}"
        raise UserError(f"config: optim_wrapper.constructor is '{constructor}', which is not registered{hint}")
    if constructor in PARAMWISE:
        _check_plain_dict("optim_wrapper.paramwise_cfg", wrapper.get("paramwise_cfg"), PARAMWISE[constructor])
    _check_clipping(wrapper.get("clip_grad"))
    rest = {key: value for key, value in wrapper.items() if key not in ("paramwise_cfg", "clip_grad")}
    return {"type": "OptimWrapper", **rest}


def _check_clipping(clip_grad) -> None:
    kind = clip_grad.get("type", "norm") if isinstance(clip_grad, dict) else "norm"
    if kind not in CLIPPING:
        raise UserError(f"config: optim_wrapper.clip_grad.type is '{kind}', expected norm or value; choose one")
    known = set(inspect.signature(CLIPPING[kind]).parameters) - {"parameters"} | {"type"}
    _check_plain_dict("optim_wrapper.clip_grad", clip_grad, known)


def _walk(path: str, node) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("type"), str):
            opaque = _check_component(path, node)
        else:
            opaque = ()
            _check_named_components(path, node)
        for key, value in node.items():
            if key not in opaque:
                _walk(f"{path}.{key}", value)
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            _walk(f"{path}.{index}", value)


def _check_named_components(path: str, node: dict) -> None:
    """Checks that a dict of named components (a pipeline, losses, hooks) has no entry without a type.

    `--cfg-options losses.silgo.lam=0.3` makes such an entry in place of changing `losses.silog`.
    """
    components = {key for key, value in node.items() if isinstance(value, dict) and "type" in value}
    for key, value in node.items():
        if components and isinstance(value, dict) and key not in components:
            hint = _nearest(key, components) or f"; those with one are: {', '.join(sorted(components))}"
            raise UserError(f"config: {path} has the entry '{key}' without a type{hint}")


def _check_component(path: str, node: dict) -> Sequence[str]:
    """Checks one component's name and keys; returns those of its arguments that another library interprets."""
    component = _find(node["type"])
    if component is None:
        names = {name for one in REGISTRIES for name in one.names()}
        hint = _nearest(node["type"], names) or "; `python tools/list_components.py` lists what is"
        raise UserError(f"config: {path}.type is '{node['type']}', which is not registered{hint}")
    known = _parameters(component)
    if known is not None:
        _check_keys(f"{path} ({node['type']})", node, known | READ_BY_BUILDERS)
    return getattr(component, "opaque_arguments", ())


def _find(name: str):
    for one in [*REGISTRIES, FUNCTIONS]:
        component = one.find(name) if isinstance(one, registry.Registry) else one.get(name)
        if component is not None:
            return component
    return None


def _parameters(component) -> set[str] | None:
    """Names of the arguments that a class or function takes, or None if it takes any.

    A class that passes `**kwargs` on takes its base's arguments too.
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


def _check_keys(path: str, found, known: set[str]) -> None:
    for key in found:
        if key not in known:
            where = f"{path} has the key '{key}'" if path else f"the top-level key '{key}'"
            names = known - READ_BY_BUILDERS
            hint = _nearest(key, names) or f"; expected one of: {', '.join(sorted(names))}"
            raise UserError(f"config: {where}, which nothing reads{hint}")


def _nearest(name: str, names: set[str]) -> str:
    near = get_close_matches(name.rsplit(".", 1)[-1], sorted(names), n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else ""
