"""Runs an exported model: python examples/onnx_runner.py MODEL.onnx PICTURE --out F.npy

Needs numpy, OpenCV and onnxruntime. All it knows of the model stands in the .json beside it. Copy it into your program.
"""

import argparse
import json
import math
from pathlib import Path

import cv2
import numpy as np
import onnxruntime


def network_size(height: int, width: int, resize: dict) -> tuple[int, int]:
    """The size that a picture of height x width is resized to: `size` at least, in multiples of `multiple_of`."""
    (least_rows, least_columns), multiple = resize["size"], resize["multiple_of"]
    scale_y, scale_x = least_rows / height, least_columns / width
    if resize["keep_aspect"]:
        scale_y = scale_x = max(scale_y, scale_x)
    sides = []
    for length, least in ((scale_y * height, least_rows), (scale_x * width, least_columns)):
        side = round(length / multiple) * multiple
        sides.append(side if side >= least else math.ceil(length / multiple) * multiple)
    if math.prod(sides) > resize["most_pixels"]:
        raise ValueError(f"a picture of {height}x{width} would become {sides[0]}x{sides[1]}, too large; crop it")
    return sides[0], sides[1]


def resize_picture(picture: np.ndarray, rows: int, columns: int, interpolation: str) -> np.ndarray:
    """A picture (H, W, 3) at another size, in its own type; `area` averages blocks, after a step to a multiple."""
    if interpolation == "cubic":
        return cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_CUBIC)
    blocks_y, blocks_x = max(1, round(picture.shape[0] / rows)), max(1, round(picture.shape[1] / columns))
    picture = cv2.resize(picture, (columns * blocks_x, rows * blocks_y), interpolation=cv2.INTER_LINEAR)
    return cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA)


def prepare(picture: np.ndarray, description: dict) -> np.ndarray:
    """A picture, uint8 RGB (H, W, 3), as the graph's input, float32 (1, 3, rows, columns)."""
    resize = description["resize"]
    rows, columns = network_size(*picture.shape[:2], resize)
    image = resize_picture(picture.astype(resize["type"]), rows, columns, resize["interpolation"]).astype(np.float32)
    mean, std = (np.array(description["normalize"][key], np.float32) for key in ("mean", "std"))
    return np.ascontiguousarray(((image / 255 - mean) / std).transpose(2, 0, 1)[None])


def interpolate(values: np.ndarray, axis: int, size: int, aligned: bool) -> np.ndarray:
    """Values at `size` places along an axis, linearly, with aligned corners or by pixel centres."""
    cells = values.shape[axis]
    places = np.linspace(0, cells - 1, size) if aligned else (np.arange(size) + 0.5) * cells / size - 0.5
    low = places.clip(0, cells - 1).astype(int)
    shape = [size if dimension == axis else 1 for dimension in range(values.ndim)]
    weight = (places.clip(0, cells - 1) - low).astype(np.float32).reshape(shape)
    return values.take(low, axis) * (1 - weight) + values.take((low + 1).clip(max=cells - 1), axis) * weight


def restore(values: np.ndarray, output: dict, height: int, width: int) -> np.ndarray:
    """What the graph gave, (1, K, rows, columns), at the picture's size: (H, W), or (K, H, W) of several channels."""
    values = values[0].astype(np.float32)
    if output["resize"] is None:  # of the whole picture, (K,)
        return values
    scale = width / values.shape[-1] if output["scales_with_width"] else 1
    aligned = output["resize"] == "aligned"
    values = interpolate(interpolate(values, 1, height, aligned), 2, width, aligned) * np.float32(scale)
    return values[0] if len(values) == 1 else values


def main() -> None:
    """Reads the command line, predicts, writes the map, and says what it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", metavar="MODEL.onnx", help="with its .json beside it")
    parser.add_argument("picture", metavar="PICTURE", help="an image file; its EXIF orientation is followed")
    parser.add_argument("--out", metavar="F.npy", required=True, help="file to write: float32, at the picture's size")
    args = parser.parse_args()
    description = json.loads(Path(args.model).with_suffix(".json").read_text(encoding="utf-8"))
    picture = cv2.imread(args.picture, cv2.IMREAD_COLOR)
    if picture is None:
        parser.error(f"{args.picture}: not a readable image")
    picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    session = onnxruntime.InferenceSession(args.model, providers=onnxruntime.get_available_providers())
    (values,) = session.run([description["output"]["name"]], {"image": prepare(picture, description)})
    result = restore(values, description["output"], *picture.shape[:2])
    np.save(args.out, result)
    quantity, unit = description["output"]["quantity"], description["output"]["unit"]
    print(f"{args.out}: {quantity} from {result.min():.4g} to {result.max():.4g} {unit}".rstrip())


if __name__ == "__main__":
    main()
