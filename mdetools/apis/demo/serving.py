"""Starts the page, and ends it."""

import importlib
import logging
import socket
import tempfile
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mdetools.apis.demo.facts import facts_of_model
from mdetools.apis.demo.handlers import Handlers
from mdetools.apis.demo.package import gradio_package
from mdetools.apis.demo.page import Page
from mdetools.apis.demo.routes import add_routes
from mdetools.apis.demo.store import Kept, ResultStore
from mdetools.apis.demo.sweeping import Sweeper
from mdetools.apis.demo.theme import asset, calm_theme
from mdetools.apis.demo.visits import MOST_BYTES, Visits
from mdetools.apis.inference.cameras import pinhole
from mdetools.apis.inferencer import DepthInferencer
from mdetools.datasets.rgbd.cameras import Camera
from mdetools.errors import UserError
from mdetools.files import failure_reason

__all__ = ["Example", "application", "check_port", "serve"]

MEMORY = 768 * 2**20  # of results
KEEP_ALIVE = 75  # seconds; a connection that closes just when a browser uses it again makes gradio reload the page
AGE, DISK = 900.0, 2 * 2**30  # seconds, and bytes of files


class Example(NamedTuple):
    """A picture to begin with: its title, itself (H, W, 3), uint8, and its focal length in pixels."""

    title: str
    image: np.ndarray
    focal_length: float


def serve(
    inferencer: DepthInferencer,
    name: str,
    examples: Sequence[Example],
    host: str = "127.0.0.1",
    port: int = 7860,
    browser: bool = False,
) -> None:
    """Serves the page until it is interrupted.

    Args:
        inferencer: the model.
        name: of the model, on the page.
        examples: what the page shows before a visitor brings anything; one at least.
        host: address to listen at; "0.0.0.0" lets other machines in.
        port: number of the port.
        browser: whether a browser is opened.

    Raises:
        UserError: if gradio is missing, the port is taken, or the model predicts no depth.
    """
    check_port(host, port)
    with tempfile.TemporaryDirectory(prefix="mdetools-demo-") as place:
        app = application(inferencer, name, examples, Path(place))
        uvicorn = importlib.import_module("uvicorn")
        logging.getLogger("uvicorn.error").addFilter(is_fault)
        sweeper = Sweeper(Path(place), AGE, DISK)
        address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}"
        print(f"{name} is at {address} (Ctrl-C ends it)", flush=True)
        if browser:
            webbrowser.open(address)
        try:
            uvicorn.run(
                app,
                host=host,
                port=port,
                log_level="warning",
                timeout_graceful_shutdown=2,
                timeout_keep_alive=KEEP_ALIVE,
            )
        finally:
            sweeper.stop()


def application(inferencer: DepthInferencer, name: str, examples: Sequence[Example], folder: Path):
    """The page as an application of FastAPI's.

    Args:
        inferencer: the model.
        name: see `serve`.
        examples: see there.
        folder: of visitors' files.

    Raises:
        UserError: if gradio is missing, or the model predicts no depth.
    """
    gradio, fastapi = gradio_package(folder), importlib.import_module("fastapi")
    facts, store = facts_of_model(inferencer, name), ResultStore(MEMORY)
    shown = [(kept_example(inferencer, store, example), example.title) for example in examples]
    app = fastapi.FastAPI(openapi_url=None)
    add_routes(app, store, facts.max_depth)
    page = Page(gradio, Handlers(Visits(inferencer, store, folder), store, folder), facts, shown).build()
    return gradio.mount_gradio_app(
        app,
        page,
        "/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=MOST_BYTES,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        theme=calm_theme(gradio),
        css=asset("page.css"),
    )


def kept_example(inferencer: DepthInferencer, store: ResultStore, example: Example) -> str:
    """Predicts an example; its name in the store, where it stays."""
    size = example.image.shape[:2]
    camera = Camera(pinhole(example.focal_length, size), size)
    (result,) = inferencer(example.image, focal_length=camera, keep_images=True)
    return store.add(Kept(result, example.title), pinned=True)


def is_fault(record: logging.LogRecord) -> bool:
    """Whether a line of the server's log is worth telling: not that a page was cut off, or a visitor left."""
    left = record.exc_info is not None and type(record.exc_info[1]).__name__ in ("CancelledError", "ClientDisconnect")
    return not left and "graceful shutdown exceeded" not in record.getMessage()


def check_port(host: str, port: int) -> None:
    """Checks that nobody else listens there.

    Raises:
        UserError: if the address cannot be had.
    """
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        reason = failure_reason(error) if isinstance(error, OSError) else "no such port"
        raise UserError(f"{host}:{port} cannot be listened at ({reason}); choose another --port, or --host") from error
