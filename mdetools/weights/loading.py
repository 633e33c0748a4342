"""Loading weights into a model, with an account of what did not fit."""

from logging import Logger
from pathlib import Path

from torch import Tensor, nn

from mdetools.errors import UserError
from mdetools.weights.files import read_checkpoint
from mdetools.weights.formats import to_mdetools

__all__ = ["load_matching", "load_pretrained"]


def load_pretrained(model: nn.Module, checkpoint: str | Path, encoder_only: bool, logger: Logger) -> None:
    """Starts `model` from a checkpoint of any known format; what is missing keeps its random start.

    Args:
        model: a model with a `backbone`.
        checkpoint: what `read_checkpoint` takes.
        encoder_only: whether to load the backbone alone, as the metric fine-tune of Depth Anything V2 does.
        logger: told how much was loaded and, by name, what was not.

    Raises:
        UserError: if the file is unreadable, of another architecture, or nothing in it fits.
    """
    state = to_mdetools(read_checkpoint(checkpoint), str(checkpoint))
    if encoder_only:
        state = {key: value for key, value in state.items() if key.startswith("backbone.")}
    own = model.state_dict()
    _check_shapes(own, state, str(checkpoint))
    missing = [key for key in own if key not in state]
    unknown = [key for key in state if key not in own]
    loaded = len(state) - len(unknown)
    if loaded == 0:
        raise UserError(
            f"nothing in '{checkpoint}' fits the model: its first weights are {list(state)[:2]}, the model's are "
            f"{list(own)[:2]}; use the config of the checkpoint's architecture"
        )
    model.load_state_dict(state, strict=False)
    logger.info(f"loaded {loaded} of the model's {len(own)} weights from {checkpoint}")
    if encoder_only:
        missing = [key for key in missing if key.startswith("backbone.")]
        logger.info("everything but the encoder starts at random (pretrained.encoder_only=True)")
    for title, names in (("not in the checkpoint, left at random", missing), ("not in the model, left out", unknown)):
        if names:
            logger.warning(f"{len(names)} weights {title}: {', '.join(names)}")


def load_matching(model: nn.Module, state: dict[str, Tensor], source: str) -> None:
    """Loads `state` into `model`, which it must fit exactly.

    Raises:
        UserError: if a weight is missing, unknown or of another shape.
    """
    own = model.state_dict()
    _check_shapes(own, state, source)
    missing = [key for key in own if key not in state]
    unknown = [key for key in state if key not in own]
    if missing or unknown:
        raise UserError(
            f"'{source}' is of another architecture than the config: it lacks {len(missing)} weights {missing[:2]} and "
            f"has {len(unknown)} unknown ones {unknown[:2]}; use the config that it was trained with"
        )
    model.load_state_dict(state)


def _check_shapes(own: dict[str, Tensor], state: dict[str, Tensor], source: str) -> None:
    for key, value in state.items():
        if key in own and own[key].shape != value.shape:
            raise UserError(
                f"'{source}' is of another architecture than the config: {key} is {tuple(value.shape)} there and "
                f"{tuple(own[key].shape)} in the model; choose the config of the same size (vits, vitb, vitl, vitg)"
            )
