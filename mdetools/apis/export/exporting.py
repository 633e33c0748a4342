"""Writes a model as a graph with its description, once it was seen to give the same map."""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mdetools.apis.evaluation.loading import LoadedModel
from mdetools.apis.export.checking import (
    LIMITS,
    Trial,
    compare_trial,
    model_map,
    trials_of,
)
from mdetools.apis.export.description import describe, resize_facts
from mdetools.apis.export.graph import Graph, Sizes, graph_of
from mdetools.apis.export.onnx_file import OPSET, check_packages, open_onnx, write_onnx
from mdetools.apis.export.picture import network_size
from mdetools.apis.export.torch_program import open_torch_program, write_torch_program
from mdetools.apis.export.torchscript import open_torchscript, write_torchscript
from mdetools.apis.map_difference import made_up_picture, map_difference
from mdetools.errors import UserError, one_line, suggest
from mdetools.files import replacing, write_text
from mdetools.reading import is_file

__all__ = ["FORMATS", "ExportOptions", "check_options", "export_model"]


class Format(NamedTuple):
    """A file format: its ending, what writes it, and what opens it as a function of images."""

    ending: str
    write: Callable
    open: Callable


FORMATS = {
    "onnx": Format(".onnx", write_onnx, open_onnx),
    "torch_export": Format(".pt2", write_torch_program, open_torch_program),
    "torchscript": Format(".pt", write_torchscript, open_torchscript),
}


@dataclass(frozen=True)
class ExportOptions:
    """What is to be written.

    Attributes:
        to: a key of `FORMATS`.
        dynamic: take any number of images of any height and width.
        precision: "fp32", "fp16", or "int8" (ONNX alone).
        size: (H, W) of the images that a graph of one size takes, pixels; None is that of the config's `Resize`.
        limit: largest difference that is allowed, as a part of the map's range; None is that of `LIMITS`.
    """

    to: str
    dynamic: bool = False
    precision: str = "fp32"
    size: tuple[int, int] | None = None
    limit: float | None = None


def check_options(options: ExportOptions, out: str | Path) -> None:
    """Checks what can be checked before a model is loaded.

    Raises:
        UserError: if options contradict each other, or the file has another ending than its format, or a file of
            another kind, or the description of another export, has the description's place.
    """
    if options.to not in FORMATS:
        raise UserError(f"there is no format '{options.to}' to export to; {suggest(options.to, FORMATS)}")
    if options.dynamic and options.to == "torchscript":
        raise UserError(
            "--to torchscript is a trace of one size, and --dynamic asks for all; leave --dynamic out, or take --to "
            "torch_export"
        )
    if options.dynamic and options.size is not None:
        raise UserError("--size is for a graph of one size, and --dynamic asks for all; leave one out")
    if options.precision == "int8" and options.to != "onnx":
        raise UserError(
            f"--int8 quantizes ONNX graphs, and the format is {options.to}; leave it out, or take --to onnx"
        )
    ending = FORMATS[options.to].ending
    if Path(out).suffix != ending:
        raise UserError(f"--out is '{out}', expected a name that ends in {ending} for --to {options.to}; change it")
    if options.to == "onnx":
        check_packages()
    check_place(Path(out))


def check_place(out: Path) -> None:
    """Checks that the description overwrites nothing but an older one of the same file.

    Raises:
        UserError: if it would.
    """
    path = out.with_suffix(".json")
    try:
        facts = json.loads(path.read_bytes()) if path.exists() else {"normalize": {}}
    except (ValueError, OSError):
        facts = None
    if not isinstance(facts, dict) or "normalize" not in facts:
        raise UserError(f"'{path}' is there and describes no exported model; choose another name for --out")
    other = Path(str(facts.get("file", ""))).name
    if other not in ("", out.name) and is_file(out.with_name(other)):
        raise UserError(f"'{path}' describes {one_line(other, 200)}, which is there too; give --out another name")


def export_model(
    loaded: LoadedModel,
    options: ExportOptions,
    out: str | Path,
    pictures: Sequence[np.ndarray] = (),
    report: Callable[[str], None] = print,
) -> dict:
    """Writes a model's graph and, beside it, its description (.json), if maps are those of the model.

    >>> loaded = load_model(candidate, cfg, "cpu")  # doctest: +SKIP
    >>> export_model(loaded, ExportOptions("onnx", dynamic=True), "garden.onnx")["output"]["unit"]  # doctest: +SKIP
    'm'

    Args:
        loaded: the model, on the CPU; float16 changes its weights.
        options: what to write.
        out: the graph's file.
        pictures: uint8 RGB (H, W, 3), by which the graph is compared with the model; a made-up one if there is none.
        report: is told the differences, a line each.

    Returns:
        The description.

    Raises:
        UserError: if options contradict each other, the model cannot be exported so, its maps differ by more than the
            limit, or a file cannot be written. Nothing is written then.
    """
    check_options(options, out)
    model, own = loaded.model, resize_facts(loaded.resize)
    sizes, resize = sizes_of(options, own)
    graph = graph_of(model, sizes.size)
    description = describe(options.to, sizes, options.precision, resize, model, graph.quantity)
    if options.to == "onnx":
        description["versions"]["opset"] = OPSET
    trials = trials_of(model, list(pictures) or [made_up_picture()], resize, sizes.dynamic)
    tell_stretching(trials, loaded, own, report)
    if options.precision == "fp16":
        graph.to_half(sizes.size)
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.stem[:40]}.", dir=out.parent) as folder:
        path = Path(folder, out.name)
        write(graph, sizes, options, path)
        run = FORMATS[options.to].open(path)
        rows = [compare_trial(trial, run, description) for trial in trials]
        limit = judge(rows, options, report)
        for file in sorted(Path(folder).iterdir()):
            with replacing(out.parent / file.name) as temporary:
                file.replace(temporary)
    description = {"file": out.name, **description, "weights": loaded.facts.digests, "check": {**limit, "maps": rows}}
    write_text(out.with_suffix(".json"), json.dumps(description, indent=1, allow_nan=False) + "\n")
    return description


def sizes_of(options: ExportOptions, own: dict) -> tuple[Sizes, dict]:
    """The sizes that the graph takes, and the entry `resize` that goes with them.

    Raises:
        UserError: if the model takes no images of the size that was asked for.
    """
    if options.dynamic:
        return Sizes.free(own["multiple_of"]), own
    multiple = own["multiple_of"]
    size = options.size or network_size(*own["size"], {**own, "keep_aspect": False})
    if any(side % multiple for side in size):
        raise UserError(f"--size is {size[0]}x{size[1]}, expected multiples of {multiple}, as Resize has; change it")
    return Sizes(tuple(size), dynamic=False), {**own, "size": list(size), "multiple_of": 1, "keep_aspect": False}


def write(graph: Graph, sizes: Sizes, options: ExportOptions, path: Path) -> None:
    """Writes the graph alone."""
    further = {"int8": True} if options.precision == "int8" else {}
    FORMATS[options.to].write(graph, sizes, path, **further)


def tell_stretching(trials: list[Trial], loaded: LoadedModel, own: dict, report: Callable[[str], None]) -> None:
    """Tells what a graph of one size costs where the model's own pipeline keeps the aspect of pictures."""
    if not own["keep_aspect"] or trials[0].resize == own:
        return
    far = [map_difference(one.expected, model_map(loaded.model, one.picture, own)).largest for one in trials]
    report(
        f"of one size: {len(far)} pictures stretched to it have maps up to {max(far):.3g} of the range from those that "
        "tools/test.py makes of them at their own aspect; --dynamic keeps it"
    )


def judge(rows: list[dict], options: ExportOptions, report: Callable[[str], None]) -> dict:
    """Tells the differences, and refuses those above the limit.

    Returns:
        `by`, "largest" or "mean", and the `limit` of it.

    Raises:
        UserError: if one is above it.
    """
    by, usual = LIMITS[options.precision]
    limit = usual if options.limit is None else options.limit
    for row in rows:
        report(
            f"picture {row['picture']} at {row['network']}: largest difference {row['largest']:.2g}, mean "
            f"{row['mean']:.2g} of the range"
        )
    worst = max(rows, key=lambda row: row[by])
    report(f"{options.precision}: {by} difference {worst[by]:.2g} of the range, limit {limit:g}")
    if not worst[by] <= limit:
        raise UserError(
            f"the exported map is off by {worst[by]:.2g} of its range ({by}, picture {worst['picture']} at "
            f"{worst['network']}), expected {limit:g} at most for {options.precision}; nothing was written: take a "
            "higher precision, or set --limit"
        )
    return {"by": by, "limit": limit}
