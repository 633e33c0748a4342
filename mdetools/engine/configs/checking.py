"""Names every misspelt key or component of a config before anything is built from it."""

import inspect

from mmengine.config import Config
from mmengine.runner import Runner
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.utils.data import DataLoader

from mdetools import registry
from mdetools.engine.configs.components import check_component, check_keys
from mdetools.engine.optim.param_groups import encoder_decoder_groups
from mdetools.errors import UserError, suggest

__all__ = ["check_config"]

# Keys of MMEngine's that no signature declares.
TOP_LEVEL = {"pretrained", "custom_imports", "activation_checkpointing", "find_unused_parameters", "model_wrapper_cfg"}
TOP_LEVEL |= {"sync_bn", "env_cfg", "weights_as_is"} | (set(inspect.signature(Runner).parameters) - {"self", "cfg"})
LOADER = set(inspect.signature(DataLoader).parameters) | {"num_batch_per_epoch"}
PLAIN_DICTS = {
    **dict.fromkeys(("train_dataloader", "val_dataloader", "test_dataloader"), LOADER),
    "pretrained": {"checkpoint", "encoder_only"},
    "env_cfg": {"cudnn_benchmark", "mp_cfg", "dist_cfg", "resource_limit"},
    "env_cfg.mp_cfg": {"mp_start_method", "opencv_num_threads"},
    # Not MMEngine's diff_rank_seed: a step's seed has the rank in it, and resuming needs one seed for all processes.
    "randomness": {"seed", "deterministic"},
}
# Entries that, where they are there, are one component each; and what stands there as a rule.
COMPONENTS = {
    "model": "Estimator",
    "model.backbone": "DINOv2",
    "model.head": "DPTHead",
    "optim_wrapper.optimizer": "AdamW",
} | {
    f"{loader}.{entry}": usual
    for loader in ("train_dataloader", "val_dataloader", "test_dataloader")
    for entry, usual in (
        ("dataset", "NYUDataset"),
        ("sampler", "EpochSampler"),
        ("batch_sampler", "torch.utils.data.BatchSampler"),
    )
}
# What an entry without a type is.
DEFAULT_TYPES = {"model.data_preprocessor": "DataPreprocessor", "optim_wrapper": "OptimWrapper"}
CLIPPING = {"norm": clip_grad_norm_, "value": clip_grad_value_}
PARAMWISE = {
    "EncoderDecoderConstructor": set(inspect.signature(encoder_decoder_groups).parameters) - {"model", "lr"},
    "DefaultOptimWrapperConstructor": {
        "custom_keys", "bias_lr_mult", "bias_decay_mult", "norm_decay_mult", "dwconv_decay_mult", "flat_decay_mult",
        "dcn_offset_lr_mult", "bypass_duplicate",
    },
}  # fmt: skip


def check_config(cfg: Config) -> None:
    """Checks the keys of a config against what its components take.

    Keys that begin with an underscore are the config's own variables and are left alone.

    Raises:
        UserError: at the first key or component that nothing knows, with the nearest right one.
    """
    root = {key: value for key, value in cfg._cfg_dict.items() if not key.startswith("_")}
    check_keys("", root, TOP_LEVEL)
    for path, known in PLAIN_DICTS.items():
        _check_plain_dict(path, _at(root, path), known)
    for path, usual in COMPONENTS.items():
        entry = _at(root, path)
        if isinstance(entry, dict) and "type" not in entry:
            raise UserError(f"config: {path} has no type, expected the name of a component; set {path}.type={usual}")
    for key, value in root.items():
        if key == "optim_wrapper" and isinstance(value, dict):
            value = _check_optim_wrapper(value)
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
    check_keys(path, node, known)


def _check_optim_wrapper(wrapper: dict) -> dict:
    """Checks what of the optimiser's wrapper is no component; returns the rest."""
    constructor = wrapper.get("constructor", "DefaultOptimWrapperConstructor")
    constructors = registry.OPTIM_WRAPPER_CONSTRUCTORS
    if isinstance(constructor, str) and constructors.find(constructor) is None:
        hint = suggest(constructor, constructors.names())
        raise UserError(f"config: optim_wrapper.constructor is '{constructor}', which is not registered; {hint}")
    if constructor in PARAMWISE:
        _check_plain_dict("optim_wrapper.paramwise_cfg", wrapper.get("paramwise_cfg"), PARAMWISE[constructor])
    _check_clipping(wrapper.get("clip_grad"))
    return {key: value for key, value in wrapper.items() if key not in ("paramwise_cfg", "clip_grad")}


def _check_clipping(clip_grad) -> None:
    kind = clip_grad.get("type", "norm") if isinstance(clip_grad, dict) else "norm"
    if kind not in CLIPPING:
        raise UserError(f"config: optim_wrapper.clip_grad.type is '{kind}', expected norm or value; choose one")
    known = set(inspect.signature(CLIPPING[kind]).parameters) - {"parameters"} | {"type"}
    _check_plain_dict("optim_wrapper.clip_grad", clip_grad, known)


def _walk(path: str, node) -> None:
    if isinstance(node, dict):
        if path in DEFAULT_TYPES:
            node = {"type": DEFAULT_TYPES[path], **node}
        if isinstance(node.get("type"), str):
            opaque = check_component(path, node)
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
            hint = suggest(key, sorted(components), f"those with one are: {', '.join(sorted(components))}")
            raise UserError(f"config: {path} has the entry '{key}' without a type; {hint}")
