"""What a config says of how its model is wrapped for several processes."""

from collections.abc import Mapping
from logging import Logger

import torch
from torch import nn

from mdetools.engine.sharded_tensors import is_sharded
from mdetools.errors import UserError
from mdetools.registry import MODEL_WRAPPERS

__all__ = ["wrapper_options"]


def wrapper_options(
    wrapper: Mapping | None, model: nn.Module, cfg: Mapping, distributed: bool, logger: Logger
) -> dict | None:
    """`model_wrapper_cfg` as MMEngine has to get it.

    Without a GPU that is without device ids, which MMEngine always passes; a `FullyShardedModel` gets the type in which
    the run trains.

    Args:
        wrapper: `model_wrapper_cfg`.
        model: that is to be wrapped, as it is.
        cfg: of the run.
        distributed: whether there are several processes; one alone wraps nothing.
        logger: of the run.

    Raises:
        UserError: if a `FullyShardedModel` is to train in fp16, whose loss scaler is not made for parts of gradients;
            or if the model is shared out already, and a hook wants to wrap it again.
    """
    kind = (wrapper or {}).get("type")
    kind = MODEL_WRAPPERS.get(kind) if isinstance(kind, str) else kind
    if getattr(kind, "__name__", None) == "FullyShardedModel":
        if not distributed:
            logger.warning("FullyShardedModel has nothing to share out in one process, which trains the whole model")
        return _sharding_options(wrapper, model, cfg)
    if not distributed or torch.cuda.is_available():
        return wrapper
    usual = {"broadcast_buffers": False, "find_unused_parameters": cfg.get("find_unused_parameters", False)}
    return {"device_ids": None, **(wrapper or usual)}


def _sharding_options(wrapper: Mapping, model: nn.Module, cfg: Mapping) -> dict:
    if is_sharded(model):
        raise UserError(
            "a model that FullyShardedModel has shared out cannot be wrapped again, as CoarseToFineHook "
            "does; set default_hooks.stages=None, or leave model_wrapper_cfg out"
        )
    kind = {"type": "mdetools.FullyShardedModel"}  # MMEngine asks its own registry, which knows no others by name alone
    optimisation = cfg.get("optim_wrapper") or {}
    if cfg.get("train_cfg") is None or optimisation.get("type") != "AmpOptimWrapper":
        return {**wrapper, **kind}
    dtype = optimisation.get("dtype", "bf16")
    if dtype == "fp16":
        raise UserError("FullyShardedModel trains in bf16 or float32, not in fp16; use --amp bf16, or --amp off")
    return {**wrapper, **kind, "dtype": wrapper.get("dtype") or dtype}
