"""From a picture to what an exported graph takes, and from what it gives to the picture's map.

By a description alone (`mdetools.apis.export.description`), with numpy and OpenCV: this is what anyone who runs the
graph without mdetools does. `examples/onnx_runner.py` has the same functions, word for word.
"""

import cv2
import numpy as np

__all__ = ["network_size", "prepare", "restore", "weights"]


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
