"""Learning rate and weight decay of each part of a model."""

import logging
import re
from collections.abc import Iterable, Mapping

from mmengine.logging import print_log
from torch import nn

from mdetools.errors import UserError, suggest
from mdetools.registry import OPTIM_WRAPPER_CONSTRUCTORS, OPTIM_WRAPPERS, OPTIMIZERS

__all__ = ["LAYER", "NO_DECAY", "EncoderDecoderConstructor", "encoder_decoder_groups", "part_of"]

ENCODER, REST = "backbone", ""
NAMES = {ENCODER: "encoder", REST: "decoder"}  # of the groups; that of any other part is its path
WITHOUT_DECAY = ("pos_embed", "cls_token")
NO_DECAY = "_no_decay"  # ends the name of a part's second group
LAYER = "_layer_"  # before the number of an encoder's layer, in the names of their groups
OPTIONS = ("decoder_lr_mult", "decay_all", "lr_mult", "layer_decay")
BLOCK = re.compile(r"backbone\.(?:.*\.)?blocks\.(\d+)\.")
# Of a vision transformer, what comes before the first block, and what comes after the last one.
BEFORE = re.compile(r"backbone\.(?:.*\.)?(?:patch_embed|pos_embed|cls_token|reg_token|mask_token|norm_pre)\b")


def part_of(name: str, paths: Mapping[str, float]) -> str:
    """The longest of `paths` that a parameter lies below; "" if it lies below none.

    >>> part_of("head.output.weight", {"head": 1.0, "head.out": 2.0})
    'head'

    Args:
        name: dotted path of the parameter.
        paths: dotted paths of modules, or of parameters.
    """
    return max((path for path in paths if f"{name}.".startswith(f"{path}.")), key=len, default=REST)


def layer_of(name: str, blocks: int) -> int:
    """How far into an encoder of so many blocks a parameter is: 0 before the first, i + 1 in block i, then the rest.

    >>> [layer_of(f"backbone.vit.{name}", 12) for name in ("pos_embed", "blocks.0.norm1.bias", "norm.weight")]
    [0, 1, 13]
    """
    found = BLOCK.match(name)
    if found:
        return int(found[1]) + 1
    return 0 if BEFORE.match(name) else blocks + 1


def count_blocks(names: Iterable[str]) -> int:
    """The number of blocks of an encoder, from the names of a model's parameters.

    Raises:
        UserError: if it has none.
    """
    numbers = [int(found[1]) for found in map(BLOCK.match, names) if found]
    if not numbers:
        raise UserError(
            "paramwise_cfg.layer_decay is for encoders made of blocks, as vision transformers are, and no parameter of "
            "the model is called backbone...blocks.<number>; leave it out, or take another backbone"
        )
    return max(numbers) + 1


def encoder_decoder_groups(
    model: nn.Module,
    lr: float,
    decoder_lr_mult: float = 10.0,
    decay_all: bool = True,
    lr_mult: Mapping[str, float] | None = None,
    layer_decay: float | None = None,
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
        layer_decay: d, for an encoder of L blocks: block i, from 0, has `lr` d^(L - i), what comes before the blocks
            `lr` d^(L + 1), and what comes after them, as the last norm, `lr` (Bao et al., "BEiT", ICLR 2022). What a
            path of `lr_mult` names has that instead. Each layer is a group then. None: the encoder has `lr`.

    Returns:
        Groups for a torch optimiser, each with a `name`; empty ones are left out.

    Raises:
        UserError: if there is a `layer_decay` and the encoder has no blocks.
    """
    multiples = {REST: decoder_lr_mult, ENCODER: 1.0, **(lr_mult or {})}
    named = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    blocks = 0 if layer_decay is None else count_blocks(name for name, _ in model.named_parameters())
    groups: dict[tuple[str, str, bool], dict] = {}
    for name, parameter in named:
        part = part_of(name, multiples)
        title, multiple = NAMES.get(part, part), multiples[part]
        if part == ENCODER and layer_decay is not None:
            layer = layer_of(name, blocks)
            title = f"{title}{LAYER}{layer}" if layer <= blocks else title
            multiple *= layer_decay ** (blocks + 1 - layer)
        decays = decay_all or not (parameter.ndim <= 1 or name.endswith(WITHOUT_DECAY))
        if (part, title, decays) not in groups:
            groups[part, title, decays] = {
                "name": title if decays else f"{title}{NO_DECAY}",
                "params": [],
                "lr": lr * multiple,
                **({} if decays else {"weight_decay": 0.0}),
            }
        groups[part, title, decays]["params"].append(parameter)
    return list(groups.values())


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class EncoderDecoderConstructor:
    """Builds the optimiser with the groups of `encoder_decoder_groups`; warns of a part that has no parameter to train.

    Args:
        optim_wrapper_cfg: config of the wrapper, with the `optimizer` in it; its `lr` is the encoder's.
        paramwise_cfg: `decoder_lr_mult`, `decay_all`, `lr_mult` and `layer_decay` of `encoder_decoder_groups`.

    Raises:
        UserError: if `paramwise_cfg` holds anything else, or its `lr_mult` is no dict, or `layer_decay` not in (0, 1].
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
        decay = self.options.get("layer_decay")
        if decay is not None and not (isinstance(decay, int | float) and 0 < decay <= 1):
            raise UserError(
                f"paramwise_cfg.layer_decay is {decay!r}, expected a factor above 0, up to 1, such as 0.9; set it"
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
