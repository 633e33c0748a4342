"""A model's card: one page of Markdown beside its file that says what it is and how to use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

from mdetools.contract import QUANTITIES
from mdetools.errors import one_line
from mdetools.files import write_text

__all__ = ["Card", "card_text", "parameters_of", "write_card"]

PREDICTS = {
    "depth": "Depth per pixel, in metres along the optical axis.",
    "inverse_depth": "Relative inverse depth per pixel: larger is nearer. Its scale and shift are unknown and differ "
    "from image to image, so that it gives no distances and no point clouds by itself.",
    "disparity": "Disparity per pixel, in pixels of the image's width; depth = focal length x baseline / disparity.",
}
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


@dataclass(frozen=True)
class Card:
    """What a card says.

    Attributes:
        name: of the model.
        quantity: what it predicts, a key of `mdetools.contract.QUANTITIES`.
        model: its config.
        resize: config of its `Resize`.
        parameters: how many numbers its weights are.
        licence: of the weights; empty if not known.
        facts: what else is known, as `mdetools.apis.checkpoint_facts` names it.
        commands: how to use it, of a shell or Python, each with its language: `("sh", "python ...")`.
        differences: what the file does differently from mdetools, a line each; none for its own files.
        front_matter: of the page, as the Hugging Face hub reads it.
    """

    name: str
    quantity: str
    model: Mapping
    resize: Mapping
    parameters: int
    licence: str = ""
    facts: Mapping = field(default_factory=dict)
    commands: Sequence[tuple[str, str]] = ()
    differences: Sequence[str] = ()
    front_matter: Mapping[str, str] = field(default_factory=dict)


def parameters_of(state: Mapping) -> int:
    """How many numbers the weights in a state dict are."""
    return sum(prod(value.shape) for value in state.values())


def write_card(path: str | Path, card: Card) -> None:
    """Writes a card.

    Raises:
        UserError: if the file cannot be written.
    """
    write_text(path, card_text(card))


def card_text(card: Card) -> str:
    """The page.

    >>> print(card_text(Card("garden", "depth", {}, {}, 1000)).splitlines()[0])
    # garden
    """
    front = [f"{key}: {value}" for key, value in card.front_matter.items()]
    lines = ["---", *front, "---", ""] if front else []
    sections = {
        "What it predicts": [PREDICTS.get(card.quantity) or f"`{card.quantity}`, in {_unit(card.quantity)}."],
        "Network": _network(card),
        "Input": _input(card),
        "Training data": _training(card.facts),
        "Metrics": _metrics(card.facts),
        "Licence": [card.licence or "Not stated in the file that this one was made from."],
        "What it does differently from mdetools": list(card.differences),
        "Use": [f"```{language}\n{command}\n```" for language, command in card.commands],
        "Further facts": _others(card.facts),
    }
    lines += [f"# {one_line(card.name, 200)}"]
    for title, body in sections.items():
        if body:
            lines += ["", f"## {title}", "", *body]
    return "\n".join(lines) + "\n"


def _unit(quantity: str) -> str:
    known = QUANTITIES.get(quantity)
    return known.unit if known and known.unit else "no unit"


def _network(card: Card) -> list[str]:
    lines = [f"{card.parameters / 1e6:.1f} million weights."]
    for part in ("backbone", "head"):
        config = card.model.get(part)
        if isinstance(config, Mapping):
            lines.append(f"- {part}: `{_call(config)}`")
    return lines[:1] + ([""] if lines[1:] else []) + lines[1:]


def _call(config: Mapping) -> str:
    """A component's config as the call that it stands for."""
    shown = [
        f"{name}={_call(v) if isinstance(v, Mapping) else repr(v)}" for name, v in config.items() if name != "type"
    ]
    return f"{config.get('type', 'dict')}({', '.join(shown)})"


def _input(card: Card) -> list[str]:
    resize, preprocessor = card.resize, card.model.get("data_preprocessor") or {}
    size, multiple = resize.get("size", 518), resize.get("multiple_of", 14)
    height, width = (size, size) if isinstance(size, int) else size
    aspect = "the aspect ratio kept" if resize.get("keep_aspect", True) else "the aspect ratio not kept"
    mean, std = (preprocessor.get(key, usual) for key, usual in zip(("mean", "std"), IMAGENET, strict=True))
    return [
        f"RGB images of any size, resized by {resize.get('interpolation', 'cubic')} interpolation to at least {height} "
        f"pixels of height and {width} of width, both multiples of {multiple}, {aspect}; then, as numbers in 0..1, "
        f"minus the mean {list(mean)} and divided by the deviation {list(std)}."
    ]


def _training(facts: Mapping) -> list[str]:
    named = _data_sets(facts.get("trained_on"))
    lines = [f"- {one}" for one in named] or ["The checkpoint does not say what it was trained on."]
    told = [f"{facts['iterations']:,} iterations"] if isinstance(facts.get("iterations"), int) else []
    told += [f"weights {facts['weights']}"] if facts.get("weights") else []
    return lines + (["", f"After {', '.join(told)}."] if isinstance(facts.get("iterations"), int) else [])


def _data_sets(named: object) -> list[str]:
    entries = [one for one in named if isinstance(one, Mapping)] if isinstance(named, Sequence) else []
    return [" ".join(f"`{one_line(value, 200)}`" for value in one.values() if value) for one in entries]


def _metrics(facts: Mapping) -> list[str]:
    named = facts.get("metrics")
    numbers = named if isinstance(named, Mapping) else {}
    rows = [f"| {one_line(name, 60)} | {value:.4g} |" for name, value in numbers.items() if type(value) in (int, float)]
    if not rows:
        return ["The checkpoint holds none; `tools/evaluate.py` measures them on data of yours."]
    where = ", ".join(_data_sets(facts.get("tested_on"))) or "its validation data"
    how = one_line(facts.get("protocol") or "its evaluator", 300)
    return [
        f"On {where}, by `{how}`, as measured while it was trained:",
        "",
        "| metric | value |",
        "|---|---|",
        *rows,
    ]


def _others(facts: Mapping) -> list[str]:
    shown = ("trained_on", "iterations", "weights", "metrics", "protocol", "tested_on")
    return [f"- {one_line(name, 60)}: {one_line(value, 300)}" for name, value in facts.items() if name not in shown]
