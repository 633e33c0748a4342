"""ONNX, by `torch.export`."""

import logging
import re
import warnings
from pathlib import Path

import numpy as np
import torch

from mdetools.apis.export.graph import Graph, Sizes
from mdetools.apis.export.onnx_precision import quantize, softmax_in_float32
from mdetools.apis.export.torch_program import record
from mdetools.errors import UserError, one_line

__all__ = ["INPUT", "OPSET", "check_packages", "open_onnx", "write_onnx"]

INPUT = "image"
OPSET = 18  # the lowest that torch's exporter writes
LARGEST = 1_900_000_000  # bytes of weights within the file: protobuf holds 2 GiB
AXES = ("batch", None, "height", "width")


def check_packages() -> None:
    """Checks that what writes and runs ONNX is installed.

    Raises:
        UserError: if it is not.
    """
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise UserError(
            f"ONNX needs the package {error.name}, which is not installed; pip install 'mdetools[export]'"
        ) from error


def write_onnx(graph: Graph, sizes: Sizes, path: Path, int8: bool = False) -> None:
    """Writes a model (.onnx); weights of over 1.9 GB go to a second file, `<name>.data`, beside it.

    Args:
        graph: what to write.
        sizes: of the images that it is to take; the axes of free ones are called batch, height and width.
        path: the file.
        int8: quantize its weights, see `quantize`.

    Raises:
        UserError: if a package is missing, or the graph cannot be written as ONNX.
    """
    check_packages()
    import onnx

    program = record(graph, sizes)
    weights = sum(value.numel() * value.element_size() for value in graph.state_dict().values())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            logging.getLogger("torch.onnx").setLevel(logging.ERROR)
            torch.onnx.export(
                program,
                (),
                str(path),
                input_names=[INPUT],
                output_names=[graph.quantity],
                opset_version=OPSET,
                external_data=weights > LARGEST,
                dynamo=True,
                verbose=False,
            )
    except torch.onnx.errors.OnnxExporterError as error:
        raise UserError(
            f"this model cannot be written as ONNX ({one_line(error, 300)}); take --to torch_export, or see with "
            "--debug where"
        ) from error
    model = onnx.load(path, load_external_data=False)
    strip_notes(model)
    if sizes.dynamic:
        name_axes(model)
    if graph.half_precision:
        softmax_in_float32(model)
    onnx.save(model, path)
    if int8:
        quantize(path)


def strip_notes(model) -> None:
    """Takes out what torch notes beside each node: stack traces with paths of this machine, half of a small file."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output, *graph.value_info):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")


def name_axes(model) -> None:
    """Calls the free axes of a graph batch, height and width, in place of torch's symbols."""
    dims = model.graph.input[0].type.tensor_type.shape.dim
    names = {dim.dim_param: name for dim, name in zip(dims, AXES, strict=True) if dim.dim_param and name}
    symbols = re.compile(r"\b(" + "|".join(map(re.escape, names)) + r")\b")
    for value in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param:
                dim.dim_param = symbols.sub(lambda found: names[found[0]], dim.dim_param)


def open_onnx(path: Path):
    """What runs such a file: a function from images (B, 3, H, W) to values, numpy arrays of float32.

    Raises:
        UserError: if onnxruntime cannot load it.
    """
    check_packages()
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own kinds, which have no common base
        raise UserError(f"onnxruntime cannot load what was written ({one_line(error, 300)})") from error

    def run(image: np.ndarray) -> np.ndarray:
        return session.run(None, {INPUT: image})[0]

    return run
