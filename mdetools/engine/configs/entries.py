"""The keys of a config's plain entries and of its top level, and what may stand there."""

from typing import Any, Literal

from mmengine.runner import Runner
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.utils.data import DataLoader

from mdetools.engine.configs.arguments import parameters_of
from mdetools.engine.optim.param_groups import encoder_decoder_groups

__all__ = ["CLIPPING", "LOADERS", "PARAMWISE", "PLAIN_DICTS", "TOP_LEVEL", "Types"]

Types = dict[str, Any]  # annotations by the entries' names
LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")


def of_signature(function, *without: str) -> Types:
    """The arguments of a function, with their annotations."""
    parameters, _ = parameters_of(function)
    return {
        name: Any if parameter.annotation is parameter.empty else parameter.annotation
        for name, parameter in parameters.items()
        if name not in without
    }


LOADER = of_signature(DataLoader) | {"num_batch_per_epoch": int | None, "collate_fn": dict, "worker_init_fn": dict}
LOADER |= dict.fromkeys(("dataset", "sampler", "batch_sampler"), dict | None)
TOP_LEVEL = of_signature(Runner, "cfg") | {
    "model": dict | None,
    "custom_hooks": dict | list | None,  # mdetools takes named ones too
    "resume": bool | Literal["auto"],
    "log_level": Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
    "work_dir": str | None,
    # Keys of MMEngine's that no signature declares.
    "pretrained": dict | None,
    "custom_imports": dict | None,
    "activation_checkpointing": Any,
    "find_unused_parameters": bool,
    "model_wrapper_cfg": dict | None,
    "sync_bn": str | None,
    "weights_as_is": bool,
}
PLAIN_DICTS = {
    **dict.fromkeys(LOADERS, LOADER),
    "pretrained": {"checkpoint": str | None, "encoder_only": bool, "leave_out": list[str]},
    "env_cfg": {
        "cudnn_benchmark": bool,
        "mp_cfg": dict | None,
        "dist_cfg": dict | None,
        "resource_limit": int,
    },
    "env_cfg.mp_cfg": {"mp_start_method": Literal["fork", "spawn", "forkserver"], "opencv_num_threads": int},
    # Not MMEngine's diff_rank_seed: a step's seed has the rank in it, and resuming needs one seed for all processes.
    "randomness": {"seed": int | None, "deterministic": bool},
    "custom_imports": {"imports": list[str] | str, "allow_failed_imports": bool},
}
CLIPPING = {
    "norm": of_signature(clip_grad_norm_, "parameters") | {"type": str},
    "value": of_signature(clip_grad_value_, "parameters") | {"type": str},
}
PARAMWISE = {
    "EncoderDecoderConstructor": of_signature(encoder_decoder_groups, "model", "lr"),
    "DefaultOptimWrapperConstructor": dict.fromkeys(("custom_keys",), dict)
    | dict.fromkeys(("bias_lr_mult", "bias_decay_mult", "norm_decay_mult"), float)
    | dict.fromkeys(("dwconv_decay_mult", "flat_decay_mult", "dcn_offset_lr_mult"), float)
    | {"bypass_duplicate": bool},
}
