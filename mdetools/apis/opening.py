"""A model as a command line names it: by a config and a checkpoint, or as one published file."""

from collections.abc import Mapping, Sequence

from torch import nn

from mdetools.apis.inferencer import DepthInferencer
from mdetools.apis.published import DEFAULT_MODEL, load
from mdetools.engine.configs.loading import load_config
from mdetools.errors import UserError

__all__ = ["class_names_of", "open_model", "output_of"]


def open_model(
    config: str | None,
    checkpoint: str | None,
    device: str | None = None,
    overrides: Mapping[str, object] | None = None,
    as_is: bool = False,
    **options,
) -> DepthInferencer:
    """Builds and loads a model.

    Args:
        config: a config's file or name; None takes a published model.
        checkpoint: weights; without a config a published file or the name of a shipped one, None for `mdetools-tiny`.
        device: where to run; None takes the GPU if there is one.
        overrides: of config entries.
        as_is: load weights that say they were made for another model all the same.
        options: further ones of `DepthInferencer`.

    Raises:
        UserError: if the model cannot be built or loaded, or a published one is to be changed.
    """
    if config is None:
        if overrides or as_is:
            raise UserError("--cfg-options and --weights-as-is are for a model given as CONFIG CKPT; leave them out")
        return load(checkpoint or DEFAULT_MODEL, device, **options)
    cfg = load_config(config, dict(overrides or {}))
    cfg.weights_as_is = as_is or cfg.get("weights_as_is", False)
    return DepthInferencer(cfg, checkpoint, device, **options)


def output_of(model: nn.Module) -> object:
    """What a model's head makes of its values, which has a `quantity` and may have a `max_depth`; None if unknown."""
    return getattr(getattr(model, "head", None), "output", None)


def class_names_of(model: nn.Module) -> Sequence[str] | None:
    """The names of the classes of whole images that a model tells apart; None if it does not, or they have none."""
    return getattr(getattr(model, "head", None), "class_names", None)
