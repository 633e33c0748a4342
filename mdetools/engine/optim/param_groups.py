"""Learning rate and weight decay of each part of a model."""

import logging
from collections.abc import Mapping

from mmengine.logging import print_log
from torch import nn

from mdetools.errors import UserError, suggest
from mdetools.registry import OPTIM_WRAPPER_CONSTRUCTORS, OPTIM_WRAPPERS, OPTIMIZERS

__all__ = ["NO_DECAY", "EncoderDecoderConstructor", "encoder_decoder_groups", "part_of"]

ENCODER, REST = "backbone", ""
NAMES = {ENCODER: "encoder", REST: "decoder"}  # of the groups; that of any other part is its path
WITHOUT_DECAY = ("pos_embed", "cls_token")
NO_DECAY = "_no_decay"  # ends the name of a part's second group
OPTIONS = ("decoder_lr_mult", "decay_all", "lr_mult")


def part_of(name: str, paths: Mapping[str, float]) -> str:
    """The longest of `paths` that a parameter lies below; "" if it lies below none.

    >>> part_of("head.output.weight", {"head": 1.0, "head.out": 2.0})
    'head'

    Args:
        name: dotted path of the parameter.
        paths: dotted paths of modules, or of parameters.
    """
    return max((path for path in paths if f"{name}.".startswith(f"{path}.")), key=len, default=REST)


def encoder_decoder_groups(
    model: nn.Module,
    lr: float,
    decoder_lr_mult: float = 10.0,
    decay_all: bool = True,
    lr_mult: Mapping[str, float] | None = None,
) -> list[dict]:
    """Sorts a model's trainable parameters into a group per part, or two with `decay_all=False`.

    MMEngine's default constructor makes a group of every parameter, which slows fused optimisers and fills the log.

    Args:
        model: a model whose encoder's parameters are named `backbone.*`.
        lr: learning rate of the encoder.
        decoder_lr_mult: that of everything else, as a multiple of `lr`.
        decay_all: False takes weight decay away from norms, biases, layer scales, position embeddings and class tokens.
        lr_mult: multiples of `lr` for further parts, by the dotted path of a module, e.g. `{"head.output": 20.0}`; the
            longest path that fits a parameter counts.

    Returns:
        Groups for a torch optimiser, each with a `name`; empty ones are left out.
    """
    multiples = {REST: decoder_lr_mult, ENCODER: 1.0, **(lr_mult or {})}
    groups: dict[tuple[str, bool], dict] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        part = part_of(name, multiples)
        decays = decay_all or not (parameter.ndim <= 1 or name.endswith(WITHOUT_DECAY))
        if (part, decays) not in groups:
            title = NAMES.get(part, part)
            groups[part, decays] = {
                "name": title if decays else f"{title}{NO_DECAY}",
                "params": [],
                "lr": lr * multiples[part],
                **({} if decays else {"weight_decay": 0.0}),
            }
        groups[part, decays]["params"].append(parameter)
    return list(groups.values())


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class EncoderDecoderConstructor:
    """Builds the optimiser with the groups of `encoder_decoder_groups`; warns of a part that has no parameter to train.

    Args:
        optim_wrapper_cfg: config of the wrapper, with the `optimizer` in it; its `lr` is the encoder's.
        paramwise_cfg: `decoder_lr_mult`, `decay_all` and `lr_mult` of `encoder_decoder_groups`.

    Raises:
        UserError: if `paramwise_cfg` holds anything else, or its `lr_mult` is no dict.
    """

    def __init__(self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None) -> None:
        self.wrapper_cfg = {**optim_wrapper_cfg}
        self.optimizer_cfg = {**self.wrapper_cfg.pop("optimizer")}
        self.options = dict(paramwise_cfg or {})
        for key in self.options:
            if key not in OPTIONS:
                raise UserError(f"paramwise_cfg has no '{key}' in EncoderDecoderConstructor; {suggest(key, OPTIONS)}")
        lr_mult = self.options.get("lr_mult")
        if lr_mult is not None and not isinstance(lr_mult, Mapping):
            raise UserError(
                f"paramwise_cfg.lr_mult is {lr_mult!r}, expected a dict of modules' paths and multiples of lr, such as "
                "{'head.output': 20.0}; change it"
            )

    def __call__(self, model: nn.Module):
        """Returns the optimiser wrapper for `model`, which may be wrapped for distributed training."""
        bare = getattr(model, "module", model)
        self.warn_of_empty_parts(bare)
        groups = encoder_decoder_groups(bare, self.optimizer_cfg["lr"], **self.options)
        optimizer = OPTIMIZERS.build({**self.optimizer_cfg, "params": groups})
        return OPTIM_WRAPPERS.build({"type": "OptimWrapper", **self.wrapper_cfg, "optimizer": optimizer})

    def warn_of_empty_parts(self, model: nn.Module) -> None:
        """Warns of each part, the encoder too, that has no trainable parameter."""
        paths = dict.fromkeys([ENCODER, *(self.options.get("lr_mult") or {})], 1.0)
        found = {part_of(name, paths) for name, parameter in model.named_parameters() if parameter.requires_grad}
        for path in paths:
            if path not in found:
                print_log(
                    f"paramwise_cfg: no trainable parameter of the model belongs to '{path}', and its learning rate "
                    "has no effect",
                    "current",
                    logging.WARNING,
                )
