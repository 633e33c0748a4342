"""A checkpoint in another format: what it takes, what it gives, and what is said of it."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from mmengine.config import Config

from mdetools.apis.conversion.cards import converted_card
from mdetools.apis.conversion.differences import Difference, differences, official_manner, transformers_manner
from mdetools.apis.conversion.limits import check_holds, check_network
from mdetools.apis.conversion.peer import agreement
from mdetools.apis.conversion.source import Source, read_source
from mdetools.apis.conversion.writing import FOLDER_FILES, write_folder, write_official, write_own
from mdetools.apis.map_difference import made_up_picture
from mdetools.apis.model_card import write_card
from mdetools.errors import UserError, suggest
from mdetools.registry import TRANSFORMS
from mdetools.weights.shipped import shipped_models

__all__ = ["FORMATS", "Outcome", "check_place", "convert", "result_files"]

FORMATS = ("mdetools", "official", "huggingface")


@dataclass(frozen=True)
class Outcome:
    """What a conversion gave.

    Attributes:
        weights: how many tensors were taken over, to the bit.
        unused: names of those that the format has and no forward pass uses, written as zeros.
        files: that were written.
        differences: between mdetools' map and that of the format's own program, measured on one picture.
        agreement: largest difference to transformers' map of the same tensor at 518x518, as a share of the range; None
            if it was not measured.
    """

    weights: int
    unused: list[str]
    files: list[Path]
    differences: list[Difference] = field(default_factory=list)
    agreement: float | None = None


def convert(
    path: str | Path,
    out: str | Path,
    to: str,
    cfg: Config | None = None,
    picture: np.ndarray | None = None,
    measure: bool = True,
    as_is: bool = False,
) -> Outcome:
    """Writes a checkpoint in another format, to the bit, with a card that says what is different there.

    >>> convert("best_abs_rel.pth", "my-depth-model", "huggingface").unused[0]  # doctest: +SKIP
    'backbone.embeddings.mask_token'

    Args:
        path: weights of any known format, for the whole model: a file, a Hugging Face folder, or the name of a model
            that comes with mdetools.
        out: file to write, `.pth`; for `huggingface` a folder.
        to: one of `FORMATS`: `official` is the layout of Depth Anything V1 and V2.
        cfg: config of the model, with a `Resize` in the pipeline of its `test_dataloader`; None takes what the file
            itself says.
        picture: uint8 (H, W, 3), RGB, on which the differences are measured; None takes a made-up one of 320x240.
        measure: whether to measure them, for which the model runs a few times on the CPU.
        as_is: load the weights even if they say that they were made for another model, or are not finite.

    Raises:
        UserError: if the file cannot be read or does not fit, or nothing says what its model is, or the format cannot
            hold it, or `out` cannot be written.
    """
    check_place(Path(path), Path(out), to)
    path = shipped_models().get(str(path), Path(path))
    source = read_source(path, cfg, as_is, partial(check_network, path=path, to=to))
    if to == "mdetools":
        return Outcome(len(source.state), [], [write_own(source, Path(out))])
    check_holds(source, to)
    words = "a made-up picture" if picture is None else "one picture"
    picture = made_up_picture(240, 320) if picture is None else picture
    words += f" of {picture.shape[1]}x{picture.shape[0]}"
    write = write_official if to == "official" else write_folder
    written, files = write(source, Path(out))
    shared = agreement(Path(out), source.model, picture) if measure and to == "huggingface" else None
    found = _differences(source, to, picture) if measure else None
    card = result_files(out, to)[-1]
    write_card(card, converted_card(source, to, Path(out), written.unused, found, shared, words))
    return Outcome(len(source.state), written.unused, [*files, card], found or [], shared)


def result_files(out: str | Path, to: str) -> list[Path]:
    """The files that a conversion writes, the card last.

    >>> [path.name for path in result_files("depth.pth", "official")]
    ['depth.pth', 'depth.md']
    """
    place = Path(out)
    if to == "huggingface":
        return [place / name for name in (*FOLDER_FILES, "README.md")]
    return [place] if to == "mdetools" else [place, place.with_suffix(".md")]


def _differences(source: Source, to: str, picture: np.ndarray) -> list[Difference]:
    if to == "official":
        manner = official_manner(source.model.head.output.quantity)
    else:
        manner = transformers_manner(TRANSFORMS.build(dict(source.resize)))
    return differences(source.model, source.resize, manner, picture)


def check_place(path: Path, out: Path, to: str) -> None:
    """Checks where the result is to be.

    Raises:
        UserError: if there is no such format, or it has other names, or the result would replace its source.
    """
    if to not in FORMATS:
        raise UserError(f"there is no format '{to}'; {suggest(to, FORMATS)}")
    if to == "huggingface" and out.is_file():
        raise UserError(f"'{out}' is a file, expected a folder for --to huggingface; name another one")
    if out.resolve() in (path.resolve(), path.resolve().parent) and to == "huggingface":
        raise UserError(f"'{out}' holds what is to be converted; name another folder")
    if to != "huggingface" and (out.suffix != ".pth" or out.is_dir()):
        raise UserError(f"the file to write is '{out}', expected NAME.pth for --to {to}; name it so")
    if out.resolve() == path.resolve():
        raise UserError(f"'{out}' is what is to be converted; name another file")
