"""Colour for continuous maps, from OpenCV's tables: no figure library is loaded."""

from functools import cache

import cv2
import numpy as np

from mdetools.errors import UserError

__all__ = ["COLORMAPS", "UNKNOWN", "color_table", "colorize"]

UNKNOWN = (128, 128, 128)  # the grey of pixels without a value

OPENCV = {
    "inferno": cv2.COLORMAP_INFERNO,
    "magma": cv2.COLORMAP_MAGMA,
    "plasma": cv2.COLORMAP_PLASMA,
    "turbo": cv2.COLORMAP_TURBO,
    "viridis": cv2.COLORMAP_VIRIDIS,
}
# ColorBrewer's diverging scale "Spectral" of 11 colours; between them it is linear, as in matplotlib.
SPECTRAL = [
    0x9E0142,
    0xD53E4F,
    0xF46D43,
    0xFDAE61,
    0xFEE08B,
    0xFFFFBF,
    0xE6F598,
    0xABDDA4,
    0x66C2A5,
    0x3288BD,
    0x5E4FA2,
]

COLORMAPS = ("Spectral", *OPENCV, "gray")


@cache
def color_table(cmap: str) -> np.ndarray:
    """The 256 colours of a map, from the lowest value's to the highest's.

    Args:
        cmap: a name of `COLORMAPS`, reversed by the ending `_r`.

    Returns:
        uint8 (256, 3), RGB, read-only.

    Raises:
        UserError: if there is no such map.
    """
    name = cmap.removesuffix("_r")
    if name not in COLORMAPS:
        raise UserError(f"no colour map is called '{cmap}'; one of: {', '.join(COLORMAPS)}, each also with _r")
    if name == "Spectral":
        anchors = np.array([[color >> 16, color >> 8 & 255, color & 255] for color in SPECTRAL])
        at = np.linspace(0, len(anchors) - 1, 256)
        channels = [np.interp(at, np.arange(len(anchors)), channel) for channel in anchors.T]
        table = np.stack(channels, axis=1).round().astype(np.uint8)
    elif name == "gray":
        table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    else:
        table = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], OPENCV[name])[:, 0, ::-1]
    table = np.ascontiguousarray(table[::-1] if cmap.endswith("_r") else table)
    table.flags.writeable = False
    return table


def colorize(
    values: np.ndarray,
    vmin: float,
    vmax: float,
    cmap: str = "Spectral",
    valid_mask: np.ndarray | None = None,
    invalid: tuple[int, int, int] = UNKNOWN,
) -> np.ndarray:
    """Colours a map by value, linearly from `vmin` to `vmax`; values outside take the colour of the nearer end.

    >>> colorize(np.array([[1.0, 5.0, np.nan]]), 1, 5).tolist()
    [[[158, 1, 66], [94, 79, 162], [128, 128, 128]]]

    Args:
        values: (H, W), of any unit.
        vmin: value of the table's first colour.
        vmax: value of the table's last colour.
        cmap: a name of `COLORMAPS`, reversed by the ending `_r`.
        valid_mask: bool (H, W); None takes all pixels. A NaN or infinite value is invalid in any case.
        invalid: RGB of invalid pixels.

    Returns:
        uint8 (H, W, 3), RGB.

    Raises:
        UserError: if there is no such map.
    """
    valid = np.isfinite(values) if valid_mask is None else valid_mask & np.isfinite(values)
    span = np.float32(max(vmax - vmin, 1e-12))
    scaled = np.where(valid, values.astype(np.float32) - np.float32(vmin), 0) / span
    colors = color_table(cmap)[(np.clip(scaled, 0, 1) * 255 + 0.5).astype(np.uint8)]
    colors[~valid] = invalid
    return colors
