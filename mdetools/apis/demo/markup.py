"""The page's own HTML: title, examples, picture and depth one over the other, legend, downloads."""

import math
from html import escape

import numpy as np

from mdetools.apis.demo.downloads import DOWNLOADS, refusal
from mdetools.apis.demo.facts import ModelFacts, meaning
from mdetools.apis.demo.pictures import color_limits, gradient, grid_of
from mdetools.apis.demo.store import Kept
from mdetools.apis.demo.view import View, as_seen
from mdetools.contract import QUANTITIES

__all__ = ["downloads", "examples", "status", "title", "value_text", "viewer"]


def title(facts: ModelFacts) -> str:
    """The head of the page: what it does, and which model does it."""
    chips = "".join(f"<li><b>{escape(name)}</b>{escape(text)}</li>" for name, text in facts.rows)
    return (
        "<header class='top'><div><h1>Depth from a single picture</h1>"
        f"<p>{escape(facts.explanation)}</p></div><ul class='chips'>{chips}</ul></header>"
    )


def status(line: str, kind: str = "calm") -> str:
    """One line of what happened; `kind` is calm, good or bad."""
    return f"<p class='status {kind}' role='{'alert' if kind == 'bad' else 'status'}'>{escape(line)}</p>"


def examples(names: list[tuple[str, str]]) -> str:
    """Buttons with small pictures, of (name in the store, title)."""
    return (
        "<div class='thumbs'>"
        + "".join(
            f"<button type='button' data-number='{number}' title='{escape(text)}'>"
            f"<img src='result/{name}/picture.jpg' alt='Example: {escape(text)}'></button>"
            for number, (name, text) in enumerate(names)
        )
        + "</div>"
    )


def viewer(name: str, kept: Kept, view: View) -> str:
    """A video if there is one, the picture with the depth over it, and the legend.

    Args:
        name: of the result in the store.
        kept: the result.
        view: the settings.
    """
    seen = as_seen(kept.result, view)
    height, width = seen.size
    grid = grid_of(seen)
    rows, columns = grid.values.shape
    address, query = f"result/{name}", escape(f"?{view.query}", quote=True)
    unit = seen.unit or "relative"
    return (
        f"{video(name, kept)}"
        f"<div class='stage' style='aspect-ratio:{width}/{height};--wide:{width / height:.4f}' data-width='{width}' "
        f"data-height='{height}' data-values='{address}/values{query}' data-rows='{rows}' data-columns='{columns}' "
        f"data-result='{name}' data-step='{grid.step}' data-first='{grid.first}' data-unit='{unit}'>"
        f"<img class='picture' src='{address}/picture.jpg' alt='The picture' draggable='false'>"
        f"<img class='depth' src='{address}/depth.png{query}' alt='Its depth in colours' draggable='false'>"
        "<div class='divider' role='slider' tabindex='0' aria-label='Picture on the left, depth on the right' "
        "aria-valuemin='0' aria-valuemax='100' aria-valuenow='50'><span></span></div>"
        "<i class='cross' hidden></i><output class='reading' hidden></output></div>"
        f"{legend(kept, view)}"
    )


def video(name: str, kept: Kept) -> str:
    """The predicted video with a line of what it is; nothing for a picture."""
    if kept.video is None:
        return ""
    frames = f"{kept.video.frames} frames"
    if kept.video.frames < kept.video.of:
        frames = f"the first {kept.video.frames} of {kept.video.of} frames"
    return (
        f"<video class='film' src='result/{name}/video.webm' controls loop muted autoplay playsinline></video>"
        f"<p class='note'>Picture and depth, {frames}, smoothed over time. Below, the first frame.</p>"
    )


def legend(kept: Kept, view: View) -> str:
    """The colours with the values of both ends, and which of them is near."""
    seen = as_seen(kept.result, view)
    low, high = color_limits(seen, view)
    ends = ("far", "near") if QUANTITIES[seen.quantity].is_inverse else ("near", "far")
    colors = ",".join(gradient(seen, view))
    texts = [f"{value_text(value, seen.unit)} <em>{end}</em>" for value, end in zip((low, high), ends, strict=True)]
    return (
        f"<div class='legend' data-low='{low!r}' data-high='{high!r}'><span>{texts[0]}</span>"
        f"<div class='bar' style='background:linear-gradient(90deg,{colors})'><i hidden></i></div>"
        f"<span>{texts[1]}</span></div><p class='note'>{escape(meaning(seen))}</p>"
    )


def downloads(name: str, kept: Kept, view: View) -> str:
    """Links to the files; one that cannot be made is greyed, and the reason stands below."""
    reason, query = refusal(as_seen(kept.result, view)), escape(f"?{view.query}", quote=True)
    links = []
    for kind, one in DOWNLOADS.items():
        inside = f"<b>{one.label}</b><small>{one.hint}</small>"
        if kind == "ply" and reason:
            links.append(f"<span class='file off' data-kind='{kind}' aria-disabled='true'>{inside}</span>")
        else:
            # Without `download` the browser leaves the page for a moment, and gradio drops the answers on their way.
            address = f"result/{name}/file/{kind}{query}"
            links.append(f"<a class='file' data-kind='{kind}' href='{address}' download>{inside}</a>")
    note = f"<p class='note'>{escape(reason[0].upper() + reason[1:])}.</p>" if reason else ""
    return f"<div class='files'>{''.join(links)}</div>{note}"


def value_text(value: float, unit: str) -> str:
    """A value with three digits and its unit.

    >>> value_text(2.3456, "m"), value_text(0.01234, ""), value_text(12.34, "px")
    ('2.35 m', '0.0123', '12.3 px')
    """
    if not np.isfinite(value):
        return "no depth"
    if value == 0:
        return f"0{unit and f' {unit}'}"
    digits = 2 - math.floor(math.log10(abs(value))) if abs(value) > 1e-4 else 4
    return f"{value:.{min(max(digits, 0), 4)}f}{unit and f' {unit}'}"
