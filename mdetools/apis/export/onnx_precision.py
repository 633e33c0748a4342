"""ONNX graphs of lower precision."""

import logging
from pathlib import Path

__all__ = ["quantize", "softmax_in_float32"]


def softmax_in_float32(model) -> None:
    """Lets each Softmax of a float16 graph compute in float32, in place.

    Attention in float16 overflows on some accelerators, and the map is NaN (TensorRT issue 2709).

    Args:
        model: `onnx.ModelProto` of float16.
    """
    from onnx import TensorProto, helper

    nodes = []
    for node in model.graph.node:
        if node.op_type != "Softmax":
            nodes.append(node)
            continue
        source, result = node.input[0], node.output[0]
        nodes.append(helper.make_node("Cast", [source], [f"{source}_float32"], to=TensorProto.FLOAT))
        node.input[0], node.output[0] = f"{source}_float32", f"{result}_float32"
        nodes.append(node)
        nodes.append(helper.make_node("Cast", [node.output[0]], [result], to=TensorProto.FLOAT16))
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def quantize(path: Path) -> None:
    """Brings the weights of a graph's matrix products and convolutions to 8 bits, in place.

    Activations are quantized as they come (onnxruntime's dynamic quantization), so that no pictures are needed.

    Args:
        path: an ONNX file of float32.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.disable(logging.WARNING)  # it recommends a step of its own that changes no result here

    try:
        quantize_dynamic(
            str(path), str(path), weight_type=QuantType.QUInt8, op_types_to_quantize=["MatMul", "Gemm", "Conv"]
        )
    finally:
        logging.disable(logging.NOTSET)
