"""16-bit PNG: whole numbers, with the scale, the unit and the camera in the file's text."""

from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from mdetools.apis.inference.result import Result
from mdetools.apis.saving.facts import facts_of
from mdetools.contract import QUANTITIES
from mdetools.errors import UserError

__all__ = ["scale_for", "write_png16"]

MILLIMETRES, KITTI = 1000, 256  # numbers to a metre; KITTI's holds up to 256 m
LARGEST = 65535


def scale_for(max_depth: float | None) -> int:
    """Numbers to a unit, one for all pictures of a model: 1000 (mm) if its largest depth fits, else KITTI's 256."""
    return MILLIMETRES if max_depth is not None and max_depth * MILLIMETRES <= LARGEST else KITTI


def write_png16(result: Result, path: Path, scale: int = KITTI) -> None:
    """Writes `round((value - offset) * scale)`, with `scale` and `offset` in the file's text; 0 is a hole.

    Metres and pixels have the scale that is given, and no offset. A relative map is spread from 1, its lowest value, to
    65535, with its own scale and offset. Classes are written as they are.

    Raises:
        UserError: if the map is no single channel, or a value is beyond 16 bits.
    """
    if result.map is None or result.map.ndim != 2:
        raise UserError(f"'{result.quantity}' is not a map of one channel, as png16 holds; take --save npy")
    values, quantity = result.map.astype(np.float64), QUANTITIES[result.quantity]
    known, offset = np.isfinite(values), 0.0
    if quantity.picture == "classes":
        scale = 1
    elif quantity.relative and known.any():
        low, high = values[known].min(), values[known].max()
        scale = (LARGEST - 1) / (high - low) if high > low else 1.0
        offset = low - 1 / scale
    numbers = np.where(known, np.rint((values - offset) * scale), 0)
    if numbers.min() < 0 or numbers.max() > LARGEST:
        raise UserError(
            f"{result.path or 'a map'}: has values from {values[known].min():g} to {values[known].max():g}, and a "
            f"16-bit PNG holds 0 to {LARGEST / scale:.4g} at {scale:g} to a unit; take --save npy or exr"
        )
    text = PngInfo()
    for name, value in {**facts_of(result), "scale": f"{scale:.17g}", "offset": f"{offset:.17g}"}.items():
        text.add_text(name, value)
    text.add_text("formula", "value = number / scale + offset, in the unit; number 0 is a hole")
    Image.fromarray(numbers.astype(np.uint16)).save(path, "PNG", pnginfo=text, compress_level=3)
