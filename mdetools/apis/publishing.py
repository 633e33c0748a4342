"""Puts a trained model into one file that needs no config: the step before `mdetools.apis.load`."""

import logging
from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.config import Config
from torch import Tensor, nn

from mdetools.apis.checkpoint_facts import Which, facts_of, is_averaged, plain_weights
from mdetools.apis.evaluation.origin import named_in, trained_on
from mdetools.apis.model_card import Card, parameters_of, write_card
from mdetools.apis.opening import output_of
from mdetools.apis.published import published_parts
from mdetools.errors import UserError
from mdetools.models.model_config import without_training
from mdetools.registry import MODELS
from mdetools.weights.files import read_checkpoint
from mdetools.weights.loading import load_matching, read_weights, weights_for
from mdetools.weights.published import Published, read_published, write_published

__all__ = ["card_of", "in_half", "load_chosen", "publish"]


def publish(
    cfg: Config,
    checkpoint: str | Path,
    out: str | Path,
    licence: str,
    half: bool = False,
    facts: dict | None = None,
    weights: Which | None = None,
    earlier: Sequence[str | Path] = (),
) -> Published:
    """Writes a model with its config, preprocessing and quantity into one file of safetensors, and a card beside it.

    >>> publish(load_config("dav2/vits_nyu"), "best_abs_rel.pth", "garden.safetensors", "MIT").name  # doctest: +SKIP
    'garden'

    What the checkpoint says is noted in `facts`, and in the card `<name of the model>.md`: the data sets of its
    training by class, folder and split, its scores with their protocol, see `facts_of`.

    Args:
        cfg: config of the model, with a `Resize` in the pipeline of its `test_dataloader`.
        checkpoint: weights of any known format, for the whole model.
        out: file to write, `<name of the model>.safetensors`.
        licence: of the weights, e.g. `Apache-2.0`.
        half: store the weights in float16; they are computed with in float32 all the same.
        facts: what else is to be known of the model.
        weights: `ema`, those that an `EMAHook` averaged; `plain`, those of the last step; None takes the averaged ones
            where there are some.
        earlier: checkpoints, or published files, that the training started from: their data sets are noted too.

    Returns:
        The header that was written.

    Raises:
        UserError: if the weights cannot be read or do not fit, or the file has none of that kind, or they become
            infinite in float16, or the model predicts no quantity that a header can name, or the file cannot be
            written.
    """
    parts = published_parts(cfg)
    model = MODELS.build(without_training(cfg.model))
    known = load_chosen(model, checkpoint, weights, cfg.get("weights_as_is", False))
    quantity = getattr(output_of(model), "quantity", None)
    if quantity is None:
        raise UserError(f"'{checkpoint}': its head's output names no quantity, expected one for a published file")
    sources = known.get("trained_on", [])
    for path in earlier:
        sources = sources + [source for source in sources_in(path) if source not in sources]
    known |= {"trained_on": sources} if sources else {}
    written = Published(Path(out).stem, quantity, **parts, licence=licence, facts={**known, **(facts or {})})
    state = model.state_dict()
    write_published(out, in_half(state, checkpoint) if half else state, written)
    header = read_published(out)
    write_card(Path(out).with_suffix(".md"), card_of(header, parameters_of(state), Path(out).name))
    return header


def sources_in(path: str | Path) -> list[dict[str, str]]:
    """The data sets that a checkpoint, or a published file, says it was trained on.

    Raises:
        UserError: if it cannot be read, or does not say.
    """
    published = read_published(path) if Path(path).suffix == ".safetensors" else None
    found = named_in(published.facts) if published else trained_on(read_checkpoint(path), str(path))
    if not found:
        raise UserError(f"'{path}' does not say what it was trained on, expected a checkpoint of tools/train.py")
    return [source._asdict() for source in found]


def load_chosen(model: nn.Module, checkpoint: str | Path, weights: Which | None, as_is: bool) -> dict:
    """Loads the weights that are meant, see `publish`, and returns what is known of them.

    Raises:
        UserError: see `publish`.
    """
    source = str(checkpoint)
    content = read_weights(model, checkpoint, as_is=as_is)
    if weights == "ema" and not is_averaged(content, source):
        raise UserError(
            f"'{source}' has no averaged weights, for it was trained without an EMAHook; ask for plain ones"
        )
    plain = plain_weights(content, source) if weights == "plain" else None
    state = content["state_dict"]
    if plain is not None:
        state = weights_for(model, {**content, "state_dict": plain}, source, logging.getLogger("mdetools"), as_is=as_is)
    load_matching(model, state, source)
    return facts_of(content, source, plain is not None)


def card_of(header: Published, parameters: int, file: str) -> Card:
    """The card of a published file.

    Args:
        header: of the file.
        parameters: see `Card`.
        file: its name.
    """
    commands = [
        ("sh", f"python tools/infer.py --model {file} photo.jpg"),
        ("python", f'from mdetools.apis import load\n\nresult = load("{file}")(image)  # uint8 (H, W, 3), RGB'),
    ]
    return Card(
        header.name, header.quantity, header.model, header.resize, parameters, header.licence, header.facts, commands
    )


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
