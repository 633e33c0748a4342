"""The addresses below `result/`, from which the page gets what it shows and what a visitor takes home."""

import importlib
import threading
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote

from mdetools.apis.demo.downloads import DOWNLOADS, content_of
from mdetools.apis.demo.pictures import encoded, grid_of, painted, reduced
from mdetools.apis.demo.store import Kept, ResultStore
from mdetools.apis.demo.view import View, as_seen, view_from
from mdetools.errors import UserError

__all__ = ["Content", "add_routes", "shown_depth", "shown_picture", "shown_values"]

AT_ONCE = 2  # of the contents that are made at the same time, since each takes memory
HEADERS = {"Cache-Control": "private, max-age=3600"}  # an address never means anything else


class Content(NamedTuple):
    """What an address answers: bytes, their type, and the name of the file if it is one to take home."""

    body: bytes
    media: str
    name: str = ""


def shown_picture(kept: Kept, view: View) -> Content:
    """The picture, in a size for the browser."""
    return Content(encoded(reduced(kept.result).image, ".jpg"), "image/jpeg")


def shown_depth(kept: Kept, view: View) -> Content:
    """The map in colours, in a size for the browser."""
    return Content(encoded(painted(reduced(as_seen(kept.result, view)), view), ".png"), "image/png")


def shown_values(kept: Kept, view: View) -> Content:
    """The values for the cursor: float32, little-endian, row by row, see `Grid`."""
    return Content(grid_of(as_seen(kept.result, view)).values.astype("<f4").tobytes(), "application/octet-stream")


SHOWN: dict[str, Callable[[Kept, View], Content]] = {
    "picture.jpg": shown_picture,
    "depth.png": shown_depth,
    "values": shown_values,
}


def add_routes(app, store: ResultStore, max_depth: float | None) -> None:
    """Adds them to an application of FastAPI's: `result/NAME/WHAT?SETTINGS`, WHAT of `SHOWN`, or `file/KIND`.

    Args:
        app: the application.
        store: the results.
        max_depth: of the model, metres; None if it has none.
    """
    responses, requests = (importlib.import_module(f"fastapi.{name}") for name in ("responses", "requests"))
    few = threading.Semaphore(AT_ONCE)

    def answer(request, name: str, make: Callable[[Kept, View], Content]):
        try:
            with few:
                body, media, title = make(store.get(name), view_from(request.query_params))
        except UserError as error:
            return responses.PlainTextResponse(str(error), 404)
        saved = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(title)}"} if title else {}
        return responses.Response(body, media_type=media, headers={**HEADERS, **saved})

    @app.get("/result/{name}/file/{kind}")
    def file(request: requests.Request, name: str, kind: str):
        def make(kept: Kept, view: View) -> Content:
            body = content_of(kept.result, view, kind, max_depth)
            return Content(body, DOWNLOADS[kind].media, kept.name + DOWNLOADS[kind].suffix)

        return answer(request, name, make)

    @app.get("/result/{name}/video.webm")
    def video(name: str):
        try:
            found = store.get(name).video
        except UserError as error:
            return responses.PlainTextResponse(str(error), 404)
        if found is None or not found.path.is_file():
            return responses.PlainTextResponse("this video is no longer kept; give it once more", 404)
        return responses.FileResponse(found.path, media_type="video/webm", headers=HEADERS)

    @app.get("/result/{name}/{what}")
    def shown(request: requests.Request, name: str, what: str):
        if what not in SHOWN:
            return responses.PlainTextResponse(f"nothing is called '{what}'", 404)
        return answer(request, name, SHOWN[what])
