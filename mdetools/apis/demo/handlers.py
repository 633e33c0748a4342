"""What the page does when a visitor does something; each function gives all that changes."""

import math
import tempfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import NamedTuple

from mdetools.apis.demo import markup
from mdetools.apis.demo.pictures import color_limits, known_pixels
from mdetools.apis.demo.shape import mesh_of, shape_caption
from mdetools.apis.demo.store import Kept, ResultStore
from mdetools.apis.demo.view import View, as_seen, camera_text
from mdetools.apis.demo.visits import Visits
from mdetools.errors import UserError

__all__ = ["Handlers", "Screen", "Span"]

HINT = "Point at it to read its depth."


class Span(NamedTuple):
    """The values of the sliders of the range: their ends, where they stand, and their step."""

    least: float
    most: float
    low: float
    high: float
    step: float


class Screen(NamedTuple):
    """What the page shows; None leaves what is there.

    Attributes:
        status: HTML of what happened.
        name: of the result in the store.
        viewer: HTML of picture and depth.
        files: HTML of the downloads.
        span: of the range of colours.
    """

    status: str | None = None
    name: str | None = None
    viewer: str | None = None
    files: str | None = None
    span: Span | None = None


class Handlers:
    """The answers of the page.

    Args:
        visits: predicts.
        store: keeps the results.
        folder: of the files that the 3-D view reads.
    """

    def __init__(self, visits: Visits, store: ResultStore, folder: Path) -> None:
        self.visits, self.store, self.folder = visits, store, folder

    def bring(self, path: str, view: View, told: Callable[[str], None] = lambda line: None) -> Screen:
        """A visitor brings a file."""
        name = self.visits.predict(path, told)
        kept = self.store.get(name)
        height, width = kept.result.size
        what = f"{kept.video.frames} frames, {width} x {height}" if kept.video else f"{width} x {height} pixels"
        return self.screen(name, kept, view, f"{kept.name}: {what}. {HINT}")

    def choose(self, name: str, title: str, view: View) -> Screen:
        """A visitor chooses an example."""
        return self.screen(name, self.store.get(name), view, f"Example: {title}. {HINT}")

    def resume(self, name: str, view: View) -> Screen:
        """A page is loaded again, by hand or after a broken connection; if the result is gone, nothing changes."""
        try:
            kept = self.store.get(name)
        except UserError:
            return Screen()
        return self.screen(name, kept, view, f"{kept.name}: as before. {HINT}")

    def measure(self, name: str, view: View) -> Screen:
        """A visitor changes the camera, or what makes metres: the range of colours is found again."""
        kept = self.store.get(name)
        return self.screen(name, kept, view, f"{kept.name}: {camera_text(kept.result, view)}.")

    def paint(self, name: str, view: View) -> Screen:
        """A visitor changes colours."""
        kept = self.store.get(name)
        if view.low is not None and view.high is not None and not view.low < view.high:
            raise UserError(f"the range goes from {view.low:g} to {view.high:g}, expected it to rise; move an end")
        shown = markup.viewer(name, kept, view), markup.downloads(name, kept, view)
        return Screen(markup.status(f"{kept.name}: new colours.", "good"), name, *shown)

    def screen(self, name: str, kept: Kept, view: View, line: str) -> Screen:
        """All of a result, in a range of colours of its own."""
        view = view.with_range(None, None)
        span = span_of(kept, view)
        view = view.with_range(span.low, span.high)
        shown = markup.viewer(name, kept, view), markup.downloads(name, kept, view)
        return Screen(markup.status(line, "good"), name, *shown, span)

    def turn(self, name: str, view: View) -> tuple[str, str]:
        """The file of the 3-D view, and HTML of what it shows."""
        result = self.store.get(name).result
        content = mesh_of(result, view)
        with tempfile.NamedTemporaryFile(suffix=".glb", prefix="shape-", dir=self.folder, delete=False) as file:
            file.write(content)
        return file.name, f"<p class='note'>{escape(shape_caption(result, view))}</p>"


def span_of(kept: Kept, view: View) -> Span:
    """From the least to the greatest value of a map as seen, and the range of its usual colours, in round numbers."""
    seen = as_seen(kept.result, view)
    values = seen.map[known_pixels(seen)]
    low, high = color_limits(seen, view)
    least, most = (float(values.min()), float(values.max())) if values.size else (low, high)
    step = 10.0 ** (math.floor(math.log10(high - low)) - 2)

    def rounded(value: float, way: Callable[[float], float]) -> float:
        return float(f"{way(value / step) * step:.10g}")

    low, high = rounded(low, round), rounded(high, round)
    return Span(min(rounded(least, math.floor), low), max(rounded(most, math.ceil), high), low, high, step)
