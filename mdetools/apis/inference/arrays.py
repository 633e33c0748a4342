"""Pictures in memory as the pipeline takes them; what is ambiguous is refused in one line."""

import math

import numpy as np
import torch
from PIL import Image, ImageOps

from mdetools.errors import UserError, one_line

__all__ = ["ValueRange", "picture_of", "split_stack"]

ValueRange = tuple[float, float] | None
CHANNELS = (1, 3, 4)
WHITE = 255


def split_stack(values: np.ndarray | torch.Tensor) -> list[np.ndarray]:
    """The pictures (H, W) or (H, W, C) in an array of one or several.

    Args:
        values: an array (H, W), (H, W, C) or (N, H, W, C), or a tensor (H, W), (C, H, W) or (N, C, H, W).

    Raises:
        UserError: if it has another shape.
    """
    of_torch = isinstance(values, torch.Tensor)
    if of_torch and (values.layout != torch.strided or values.is_meta):
        kind = "without values" if values.is_meta else f"of the layout {values.layout}"
        raise UserError(f"a picture in memory is a tensor {kind}, expected a dense one; convert it, as by to_dense()")
    array = (
        np.asarray(values.detach().cpu().float() if is_half(values) else values.detach().cpu()) if of_torch else values
    )
    layout = "(C, H, W) or (N, C, H, W)" if of_torch else "(H, W, C) or (N, H, W, C)"
    stack = array if array.ndim == 4 else array[None]
    if stack.ndim == 4 and of_torch:
        stack = np.moveaxis(stack, 1, -1)
    if stack.ndim not in (3, 4) or not array.size or (stack.ndim == 4 and stack.shape[-1] not in CHANNELS):
        other = np.asarray(array).shape
        raise UserError(
            f"a picture in memory has shape {tuple(other)}, expected {layout} with C of 1, 3 or 4, or (H, W), and no "
            f"side of 0; {'permute' if of_torch else 'transpose'} it"
        )
    return list(stack)


def is_half(values: torch.Tensor) -> bool:
    """Whether NumPy does not know the type, or not well."""
    return values.dtype in (torch.bfloat16, torch.float16)


def picture_of(values: np.ndarray, value_range: ValueRange) -> np.ndarray:
    """A picture in memory as RGB (H, W, 3): uint8, or float32 in 0..255 if a range of values was said.

    >>> picture_of(np.array([[0.0, 1.0]]), value_range=(0, 1))[0].tolist()
    [[0.0, 0.0, 0.0], [255.0, 255.0, 255.0]]

    Args:
        values: (H, W) or (H, W, C), C of 1, 3 or 4; a fourth channel, opacity, is dropped.
        value_range: the values of black and of white, for anything but uint8.

    Raises:
        UserError: if the values are not uint8 and no range is said, or some are outside of it.
    """
    if values.dtype == np.uint8 and value_range in (None, (0, WHITE)):
        return channels_of(values)
    if values.dtype.kind not in "uif":
        raise UserError(f"a picture in memory is of type {values.dtype}, expected uint8 or numbers; convert it")
    if value_range is None:
        known = values[np.isfinite(values)]
        spread = f"from {known.min():g} to {known.max():g}" if known.size else "none of which is a number"
        raise UserError(
            f"a picture in memory is of type {values.dtype}, with values {spread}, and what is white "
            "is not known; expected uint8, or value_range=(0, 1) or what else black and white are"
        )
    black, white = check_range(value_range)
    scaled = (values.astype(np.float32) - np.float32(black)) * np.float32(WHITE / (white - black))
    outside = ~((scaled >= -0.5) & (scaled <= WHITE + 0.5))  # NaN is outside, too
    if outside.any():
        raise UserError(
            f"a picture in memory has the value {values[outside][0]:g}, expected {black:g}..{white:g}, as value_range "
            "says; say the range that it has, and undo a normalisation"
        )
    return channels_of(scaled.clip(0, WHITE))


def check_range(value_range: object) -> tuple[float, float]:
    """The values of black and white.

    Raises:
        UserError: if they are no two rising numbers, or one is infinite.
    """
    try:
        black, white = map(float, value_range)
        if -math.inf < black < white < math.inf:
            return black, white
    except (TypeError, ValueError):
        pass
    raise UserError(f"value_range is {value_range}, expected the values of black and white, such as (0, 1); set it so")


def channels_of(values: np.ndarray) -> np.ndarray:
    """(H, W) or (H, W, C) to (H, W, 3): grey is repeated, opacity dropped."""
    planes = values[..., None] if values.ndim == 2 else values
    planes = np.repeat(planes, 3, axis=2) if planes.shape[2] == 1 else planes[..., :3]
    return np.ascontiguousarray(planes)


def array_of_pil(picture: Image.Image) -> np.ndarray:
    """A PIL image as an array, upright as its EXIF says; those of 16 bits or floats keep their values.

    Raises:
        UserError: if it has no pixel, or cannot be decoded: PIL reads a file when its pixels are asked for.
    """
    if 0 in picture.size:
        raise UserError(f"a PIL image has the size {picture.size}, expected one with pixels; leave it out")
    try:
        upright = ImageOps.exif_transpose(picture)
        return np.asarray(upright if upright.mode.startswith(("I", "F")) else upright.convert("RGB"))
    except (OSError, ValueError, SyntaxError) as error:
        name = getattr(picture, "filename", "") or "a PIL image"
        raise UserError(
            f"{name}: cannot be decoded ({one_line(error, 100)}), expected a whole image that is open; open it again"
        ) from error
