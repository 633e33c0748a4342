"""Learning rate and weight decay of each part of a model."""

from torch import nn

from mdetools.errors import UserError
from mdetools.registry import OPTIM_WRAPPER_CONSTRUCTORS, OPTIM_WRAPPERS, OPTIMIZERS

__all__ = ["EncoderDecoderConstructor", "encoder_decoder_groups"]


def encoder_decoder_groups(
    model: nn.Module, lr: float, decoder_lr_mult: float = 10.0, decay_all: bool = True
) -> list[dict]:
    """Sorts a model's trainable parameters into at most four groups.

    MMEngine's default constructor makes a group of every parameter, which slows fused optimisers and fills the log.

    Args:
        model: a model whose encoder's parameters are named `backbone.*`.
        lr: learning rate of the encoder.
        decoder_lr_mult: that of everything else, as a multiple of `lr`.
        decay_all: False takes weight decay away from norms, biases, layer scales, position embeddings and class tokens.

    Returns:
        Groups for a torch optimiser, each with a `name`; empty ones are left out.
    """
    groups: dict[str, dict] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        part = "encoder" if name.startswith("backbone.") else "decoder"
        decays = decay_all or not (parameter.ndim <= 1 or name.endswith(("pos_embed", "cls_token")))
        group = groups.setdefault(
            part if decays else f"{part}_no_decay",
            {
                "params": [],
                "lr": lr if part == "encoder" else lr * decoder_lr_mult,
                **({} if decays else {"weight_decay": 0.0}),
            },
        )
        group["params"].append(parameter)
    return [{"name": name, **group} for name, group in groups.items()]


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class EncoderDecoderConstructor:
    """Builds the optimiser with the groups of `encoder_decoder_groups`.

    Args:
        optim_wrapper_cfg: config of the wrapper, with the `optimizer` in it; its `lr` is the encoder's.
        paramwise_cfg: `decoder_lr_mult` and `decay_all` of `encoder_decoder_groups`.

    Raises:
        UserError: if `paramwise_cfg` holds anything else.
    """

    def __init__(self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None) -> None:
        self.wrapper_cfg = {**optim_wrapper_cfg}
        self.optimizer_cfg = {**self.wrapper_cfg.pop("optimizer")}
        self.options = dict(paramwise_cfg or {})
        unknown = set(self.options) - {"decoder_lr_mult", "decay_all"}
        if unknown:
            raise UserError(
                f"paramwise_cfg has {sorted(unknown)}; EncoderDecoderConstructor takes decoder_lr_mult and decay_all"
            )

    def __call__(self, model: nn.Module):
        """Returns the optimiser wrapper for `model`, which may be wrapped for distributed training."""
        bare = getattr(model, "module", model)
        groups = encoder_decoder_groups(bare, self.optimizer_cfg["lr"], **self.options)
        optimizer = OPTIMIZERS.build({**self.optimizer_cfg, "params": groups})
        return OPTIM_WRAPPERS.build({"type": "OptimWrapper", **self.wrapper_cfg, "optimizer": optimizer})
