"""Patterns that textures are made of, box-filtered to the width of a pixel so that they do not alias: pulses, noise."""

import numpy as np

__all__ = ["along_axes", "band", "cell_noise", "fade", "pulse", "value_noise"]

# Fixed: textures are part of the format.
LATTICE = np.random.default_rng(20131213).uniform(-1, 1, (256, 256)).astype(np.float32)


def pulse(x: np.ndarray, duty: float, width: np.ndarray) -> np.ndarray:
    """The pulse train of period 1 (1 for the first `duty` of each period, else 0), box-filtered over `width`.

    The filtered value is exact, (F(x + w/2) - F(x - w/2)) / w with F the train's integral; for a wide filter it tends
    to `duty`.
    """
    width = np.maximum(width, np.float32(2e-3))

    def integral(at: np.ndarray) -> np.ndarray:
        whole = np.floor(at)
        return whole * duty + np.minimum(at - whole, duty)

    return (integral(x + width / 2) - integral(x - width / 2)) / width


def band(x: np.ndarray, low: float, high: float, width: np.ndarray) -> np.ndarray:
    """1 within [low, high], 0 outside, box-filtered over `width`."""
    inverse = 1 / np.maximum(width, np.float32(2e-3))
    return np.clip((x - low) * inverse + 0.5, 0, 1) - np.clip((x - high) * inverse + 0.5, 0, 1)


def along_axes(footprint: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """A footprint (2, N) along u and v, from one of either form."""
    return np.broadcast_to(footprint, uv.shape)


def cell_noise(column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """A fixed random number in [-1, 1] for each integer cell."""
    return LATTICE[column.astype(np.int32) & 255, row.astype(np.int32) & 255]


def fade(footprint: np.ndarray, period: tuple[float, float]) -> np.ndarray:
    """Weight (N,) of a detail of that period along u and v: 1 where pixels resolve it, 0 from a period per pixel on."""
    if footprint.ndim == 1:
        return np.clip(np.float32(1.5) - np.float32(1.5 / min(period)) * footprint, 0, 1)
    coarsest = np.maximum(footprint[0] * np.float32(1 / period[0]), footprint[1] * np.float32(1 / period[1]))
    return np.clip(np.float32(1.5) - np.float32(1.5) * coarsest, 0, 1)


def value_noise(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Smooth noise in [-1, 1] of lattice spacing 1 (smoothstep between hashed lattice values), period 256."""
    column, row = np.floor(x), np.floor(y)
    fx, fy = x - column, y - row
    fx, fy = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)
    column, row = column.astype(np.int32), row.astype(np.int32)
    top, bottom = (column & 255) << 8, ((column + 1) & 255) << 8
    left, right = row & 255, (row + 1) & 255
    table = LATTICE.ravel()
    near = table[top | left] * (1 - fx) + table[bottom | left] * fx
    return near + (table[top | right] * (1 - fx) + table[bottom | right] * fx - near) * fy
