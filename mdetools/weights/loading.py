"""Loading weights into a model, with an account of what did not fit."""

import logging
from collections.abc import Sequence
from logging import Logger
from pathlib import Path

from torch import Tensor, nn

from mdetools.errors import UserError
from mdetools.weights.backbones import check_backbone
from mdetools.weights.calibration import settle_calibration
from mdetools.weights.claims import claims_of_config, compare_claims
from mdetools.weights.files import read_checkpoint
from mdetools.weights.formats import to_mdetools
from mdetools.weights.hugging_face import claims_of_folder
from mdetools.weights.parts import ENCODER, WHOLE, Parts

__all__ = ["load_encoder", "load_matching", "load_pretrained", "load_whole", "read_weights", "weights_for"]

LOGGER = logging.getLogger("mdetools")
CURE = "use the config that it was trained with"


def read_weights(
    model: nn.Module,
    checkpoint: str | Path,
    logger: Logger = LOGGER,
    parts: Parts = WHOLE,
    as_is: bool = False,
    map_location: str = "cpu",
) -> dict:
    """Reads a checkpoint of any known format for a model, and checks that its weights are meant for it.

    Args:
        model: that is to take the weights.
        checkpoint: what `read_checkpoint` takes.
        logger: told what the file does not say of its model.
        parts: of the model that are to take them.
        as_is: whether weights that were made for another model, or are not finite, are told in a warning alone.
        map_location: device of the tensors read.

    Returns:
        The checkpoint, whose `state_dict` has the names of mdetools' models.

    Raises:
        UserError: if the file is unreadable, of another architecture, says that it was made for another model, or has
            weights that are not finite.
    """
    source, content = str(checkpoint), read_checkpoint(checkpoint, map_location)
    state = weights_for(model, content, source, logger, parts, as_is)
    meta = content.get("meta", {})
    ours = "mdetools_version" in meta
    claims = claims_of_config(meta.get("cfg", ""), source, model) if ours else claims_of_folder(Path(checkpoint))
    compare_claims(claims, model, source, parts, as_is, logger)
    return {**content, "state_dict": state}


def weights_for(
    model: nn.Module, content: dict, source: str, logger: Logger, parts: Parts = WHOLE, as_is: bool = False
) -> dict[str, Tensor]:
    """The weights in a checkpoint that was read, by the names of mdetools' models; see `read_weights`."""
    own = model.state_dict()
    state = {key: value for key, value in to_mdetools(content, source, own.keys()).items() if parts.take(key)}
    check_backbone(model, content, state, source)
    _check_fit(own, state, source)
    _check_finite(own, state, source, as_is, logger)
    return state if parts.encoder_only else settle_calibration(own, state, source, as_is, logger)


def load_pretrained(
    model: nn.Module,
    checkpoint: str | Path,
    encoder_only: bool,
    logger: Logger,
    as_is: bool = False,
    leave_out: Sequence[str] = (),
) -> None:
    """Starts `model` from a checkpoint of any known format; what is missing keeps its random start.

    Args:
        model: a model with a `backbone`.
        checkpoint: what `read_checkpoint` takes.
        encoder_only: whether to load the backbone alone, as the metric fine-tune of Depth Anything V2 does.
        logger: told how much was loaded and, by name, what was not.
        as_is: see `read_weights`.
        leave_out: what the names of weights begin with that are not loaded, though the file has them.

    Raises:
        UserError: see `read_weights`; or if nothing in the file fits, or there is nothing of the kind to leave out.
    """
    own, parts = model.state_dict(), Parts(encoder_only, tuple(leave_out))
    parts.check(own)
    state = read_weights(model, checkpoint, logger, parts, as_is)["state_dict"]
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
        logger.info("everything but the encoder starts at random (pretrained.encoder_only=True)")
    if leave_out:
        logger.info(f"what begins with {', '.join(leave_out)} starts at random (pretrained.leave_out)")
    missing = [key for key in missing if parts.take(key)]
    for title, names in (("not in the checkpoint, left at random", missing), ("not in the model, left out", unknown)):
        if names:
            logger.warning(f"{len(names)} weights {title}: {', '.join(names)}")


def load_whole(model: nn.Module, checkpoint: str | Path, as_is: bool = False) -> None:
    """Loads a checkpoint of any known format into a model, which it must fit exactly.

    Raises:
        UserError: see `read_weights` and `load_matching`.
    """
    load_matching(model, read_weights(model, checkpoint, as_is=as_is)["state_dict"], str(checkpoint))


def load_encoder(model: nn.Module, checkpoint: str | Path, as_is: bool = False) -> None:
    """Loads the encoder of a checkpoint of any known format into a model that is a `backbone` alone, and must fit it.

    Raises:
        UserError: see `read_weights` and `load_matching`.
    """
    state = read_weights(model, checkpoint, parts=ENCODER, as_is=as_is)["state_dict"]
    load_matching(model, state, str(checkpoint))


def load_matching(model: nn.Module, state: dict[str, Tensor], source: str) -> None:
    """Loads `state` into `model`, which it must fit exactly.

    Raises:
        UserError: if a weight is missing, unknown or of another shape.
    """
    own = model.state_dict()
    _check_fit(own, state, source)
    missing = [key for key in own if key not in state]
    unknown = [key for key in state if key not in own]
    if missing or unknown:
        raise UserError(
            f"'{source}' is of another architecture than the config: it lacks {len(missing)} weights {missing[:2]} and "
            f"has {len(unknown)} unknown ones {unknown[:2]}; {CURE}"
        )
    model.load_state_dict(state)


def _check_fit(own: dict[str, Tensor], state: dict[str, Tensor], source: str) -> None:
    for key, there in state.items():
        here = own.get(key, there)
        if here.shape != there.shape:
            of_vit = any(name.startswith("backbone.vit.") for name in own)
            cure = "choose the config of the same size (vits, vitb, vitl, vitg)" if of_vit else CURE
            raise UserError(
                f"'{source}' is of another architecture than the config: {key} is {tuple(there.shape)} there and "
                f"{tuple(here.shape)} in the model; {cure}"
            )
        if there.is_meta and not here.is_meta:
            raise UserError(
                f"'{source}': {key} has a shape and no values (device meta); save the model with its weights"
            )
        if here.is_floating_point() and not there.is_floating_point():
            raise UserError(
                f"'{source}': {key} is {there.dtype}, expected a floating type, as {here.dtype} in the model; save the "
                "weights before they are quantised"
            )


def _check_finite(own: dict[str, Tensor], state: dict[str, Tensor], source: str, as_is: bool, logger: Logger) -> None:
    """Refuses NaN and infinity, except where the model itself has some, as in a mask."""
    counts = {
        key: int((~value.isfinite()).sum()) for key, value in state.items() if key in own and value.is_floating_point()
    }
    bad = [key for key, count in counts.items() if count and own[key].isfinite().all()]
    if not bad:
        return
    told = f"{len(bad)} of its {len(state)} weights have numbers that are not finite: " + ", ".join(
        f"{key} ({counts[key]} of {state[key].numel()})" for key in bad[:3]
    )
    if not as_is:
        raise UserError(
            f"'{source}' is no use: {told}; take an earlier checkpoint, or load it all the same with --weights-as-is "
            "(in a config: weights_as_is=True)"
        )
    logger.warning(f"'{source}' is loaded as it is, though {told}")
