"""Runs an exported model: python examples/onnx_runner.py MODEL.onnx PICTURE --out F.npy

Needs numpy, OpenCV and onnxruntime. All it knows of the model stands in the .json beside it. Copy it into your program.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import onnxruntime


def network_size(height: int, width: int, resize: dict) -> tuple[int, int]:
    """The size that a picture of height x width is resized to: `size` at least, in multiples of `multiple_of`."""
    sides, least, multiple = np.array([height, width]), np.array(resize["size"]), resize["multiple_of"]
    scale = least / sides
    cells = (scale.max() if resize["keep_aspect"] else scale) * sides / multiple
    cells = np.where(np.round(cells) * multiple < least, np.ceil(cells), np.round(cells))
    rows, columns = (multiple * cells).astype(int).tolist()
    if rows * columns > resize["most_pixels"]:
        raise ValueError(f"a picture of {height}x{width} would become {rows}x{columns}, too large; crop it")
    return rows, columns


def prepare(picture: np.ndarray, description: dict) -> np.ndarray:
    """A picture, uint8 RGB (H, W, 3), as the graph's input, float32 (1, 3, rows, columns)."""
    resize, (height, width) = description["resize"], picture.shape[:2]
    rows, columns = network_size(height, width, resize)
    image, way = picture.astype(resize["type"]), cv2.INTER_CUBIC
    if resize["interpolation"] == "area":  # averages blocks of pixels, after a step to a multiple of the size
        blocks = columns * max(1, round(width / columns)), rows * max(1, round(height / rows))
        image, way = cv2.resize(image, blocks, interpolation=cv2.INTER_LINEAR), cv2.INTER_AREA
    image = cv2.resize(image, (columns, rows), interpolation=way).astype(np.float32) / 255
    mean, std = (np.array(description["normalize"][key], np.float32) for key in ("mean", "std"))
    return np.ascontiguousarray(((image - mean) / std).transpose(2, 0, 1)[None])


def weights(cells: int, size: int, aligned: bool) -> np.ndarray:
    """Of each cell at each of `size` places along an axis: linear, with aligned corners or by pixel centres."""
    places = np.linspace(0, cells - 1, size) if aligned else (np.arange(size) + 0.5) * cells / size - 0.5
    distances = np.abs(places.clip(0, cells - 1)[:, None] - np.arange(cells))
    return (1 - distances).clip(0).astype(np.float32)


def restore(values: np.ndarray, output: dict, height: int, width: int) -> np.ndarray:
    """What the graph gave, (1, K, rows, columns), at the picture's size: (H, W), or (K, H, W) of several channels."""
    values, aligned = values[0].astype(np.float32), output["resize"] == "aligned"
    if output["resize"] is None:  # of the whole picture, (K,)
        return values
    rows, columns = values.shape[1:]
    values = weights(rows, height, aligned) @ values @ weights(columns, width, aligned).T
    values *= np.float32(width / columns if output["scales_with_width"] else 1)
    return values[0] if len(values) == 1 else values


def read(path: str) -> np.ndarray | None:
    """A picture, uint8 RGB (H, W, 3), 16 bits brought to 8 by those that are used; None if it is none of these."""
    picture, deep = (cv2.imread(path, cv2.IMREAD_COLOR | depth) for depth in (0, cv2.IMREAD_ANYDEPTH))
    if deep is None or deep.dtype not in (np.uint8, np.uint16):
        return None
    bits = next((bits for bits in (8, 10, 12, 14) if deep.max() < 2**bits), 16)
    if deep.dtype == np.uint16 and bits < 16:  # a camera of 12 bits leaves the upper ones empty
        picture = (deep >> (bits - 8)).astype(np.uint8)
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def open_model(path: Path) -> tuple[onnxruntime.InferenceSession, dict]:
    """A graph and its description; ValueError if one is missing or damaged, or they are not of one another."""
    beside = path.with_suffix(".json")
    for file, told in ((path, "is not there"), (beside, f"must lie beside {path.name}; export writes both")):
        if not file.is_file():
            raise ValueError(f"{file} {told}")
    try:
        description = json.loads(beside.read_text(encoding="utf-8"))
        said = [description["input"]["name"], description["input"]["size"], description["output"]["name"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{beside} is no description that export wrote; copy it again") from error
    try:
        session = onnxruntime.InferenceSession(str(path), providers=onnxruntime.get_available_providers())
    except Exception as error:  # onnxruntime's own kinds, which have no common base
        raise ValueError(f"{path} is no ONNX graph: {error}".replace("\n", " ")) from error
    taken, given = session.get_inputs()[0], session.get_outputs()[0]
    sides = taken.shape[2:]
    found = [taken.name, sides if all(isinstance(side, int) for side in sides) else None, given.name]
    if said != found:  # a size of None is any
        raise ValueError(f"{beside} describes another graph: input, size, output {said}, those of {path} are {found}")
    return session, description


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Predict the map of a picture with an exported model.")
    parser.add_argument("model", metavar="MODEL.onnx", help="with its .json beside it")
    parser.add_argument("picture", metavar="PICTURE", help="an image file; its EXIF orientation is followed")
    parser.add_argument("--out", metavar="F.npy", required=True, help="float32, at the picture's size")
    args = parser.parse_args()
    if not args.out.endswith(".npy"):
        parser.error(f"--out is {args.out}, expected a name that ends in .npy, as what is written")
    if (picture := read(args.picture)) is None:
        parser.error(f"{args.picture}: not a readable image of 8 or 16 bits")
    try:
        session, description = open_model(Path(args.model))
        (values,) = session.run(None, {description["input"]["name"]: prepare(picture, description)})
        output = description["output"]
        result = restore(values, output, *picture.shape[:2])
        np.save(args.out, result)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    print(f"{args.out}: {output['quantity']} from {result.min():.4g} to {result.max():.4g} {output['unit']}".rstrip())
