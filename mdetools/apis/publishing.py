"""Puts a trained model into one file that needs no config: the step before `mdetools.apis.load`."""

from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.config import Config
from torch import Tensor

from mdetools.apis.evaluation.origin import Source, named_in, trained_on
from mdetools.apis.published import published_parts
from mdetools.errors import UserError
from mdetools.models.model_config import without_training
from mdetools.registry import MODELS
from mdetools.weights.files import read_checkpoint
from mdetools.weights.loading import load_matching, read_weights
from mdetools.weights.published import Published, read_published, write_published

__all__ = ["publish"]


def publish(
    cfg: Config,
    checkpoint: str | Path,
    out: str | Path,
    licence: str,
    half: bool = False,
    earlier: Sequence[str | Path] = (),
    facts: dict | None = None,
) -> Published:
    """Writes a model with its config, preprocessing and quantity into one file of safetensors.

    Of a checkpoint that a training wrote with averaged weights, these are taken. The data sets of the training are
    noted as `facts["trained_on"]`, by class, folder and split, where the checkpoint says them: of the last part of the
    training alone, unless `earlier` names checkpoints of those before it.

    Args:
        cfg: config of the model, with a `Resize` in the pipeline of its `test_dataloader`.
        checkpoint: weights of any known format, for the whole model.
        out: file to write, `<name of the model>.safetensors`.
        licence: of the weights, e.g. `Apache-2.0`.
        half: store the weights in float16; they are computed with in float32 all the same.
        earlier: checkpoints, or published files, that the training started from: their data sets are noted too.
        facts: what else is to be known of the model.

    Returns:
        The header that was written.

    Raises:
        UserError: if the weights cannot be read or do not fit, or become infinite in float16, or the model predicts
            no quantity that a header can name, or the file cannot be written.
    """
    parts = published_parts(cfg)
    model = MODELS.build(without_training(cfg.model))
    content = read_weights(model, checkpoint, as_is=cfg.get("weights_as_is", False))
    load_matching(model, content["state_dict"], str(checkpoint))
    quantity = getattr(getattr(model.head, "output", None), "quantity", None)
    if quantity is None:
        raise UserError(f"'{checkpoint}': its head's output names no quantity, expected one for a published file")
    sources = list(trained_on(content, str(checkpoint)) or [])
    for path in earlier:
        sources += [source for source in sources_in(path) if source not in sources]
    known = {"trained_on": [source._asdict() for source in sources]} if sources else {}
    written = Published(Path(out).stem, quantity, **parts, licence=licence, facts={**known, **(facts or {})})
    state = model.state_dict()
    write_published(out, in_half(state, checkpoint) if half else state, written)
    return read_published(out)


def sources_in(path: str | Path) -> list[Source]:
    """The data sets that a checkpoint, or a published file, says it was trained on.

    Raises:
        UserError: if it cannot be read, or does not say.
    """
    published = read_published(path) if Path(path).suffix == ".safetensors" else None
    found = named_in(published.facts) if published else trained_on(read_checkpoint(path), str(path))
    if not found:
        raise UserError(f"'{path}' does not say what it was trained on, expected a checkpoint of tools/train.py")
    return found


def in_half(state: dict[str, Tensor], source: str | Path) -> dict[str, Tensor]:
    """The floating-point values of a state dict in float16.

    Raises:
        UserError: if one is beyond float16's range.
    """
    halves = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
    for name, value in halves.items():
        if not torch.equal(value.isfinite(), state[name].isfinite()):
            raise UserError(f"'{source}': '{name}' has values beyond float16's 65504; publish it without --fp16")
    return halves
