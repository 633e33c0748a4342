"""A turning picture of a point cloud, which any program and any page shows."""

import math
from pathlib import Path

import numpy as np
from PIL import Image

from mdetools.apis.inference.result import Result
from mdetools.apis.saving.clouds import kept_points
from mdetools.apis.saving.facts import facts_of
from mdetools.geometry import resize_intrinsics
from mdetools.visualization import turning_frames

__all__ = ["write_gif"]

SIDE = 480  # pixels of the longer side at most; a smaller picture keeps its size, as its points would come apart
POINTS = 2 * SIDE  # along the longer side; more of them would fall into the same pixels
FRAMES, MILLISECONDS = 36, 80
SAMPLED = 6  # frames from which the colours are chosen


def write_gif(result: Result, path: Path, cut_edges: float | None = None) -> None:
    """Writes a GIF in which the cloud swings, see `turning_frames`, without end; see `kept_points`."""
    points, colors, kept = kept_points(result, cut_edges)
    step = math.ceil(max(result.size) / POINTS)
    chosen = np.zeros(kept.shape, bool)
    chosen[::step, ::step] = True
    thinned = chosen[kept] if (chosen & kept).any() else np.ones(len(points), bool)
    scale = min(SIDE / max(result.size), 1)
    size = tuple(max(round(side * scale), 1) for side in result.size)
    camera = resize_intrinsics(result.intrinsics, size[1] / result.size[1], size[0] / result.size[0])
    frames = turning_frames(points[thinned], colors[thinned], camera, size, FRAMES)
    save_frames(frames, path, ", ".join(f"{name} {value}" for name, value in facts_of(result).items()))


def save_frames(frames: list[np.ndarray], path: Path, comment: str) -> None:
    """Writes pictures uint8 (H, W, 3) as a GIF that goes round, all in the same 256 colours, which do not flicker."""
    sampled = np.concatenate(frames[:: max(len(frames) // SAMPLED, 1)])
    palette = Image.fromarray(sampled).quantize(256, kmeans=1)
    first, *others = (Image.fromarray(one).quantize(palette=palette, dither=Image.Dither.NONE) for one in frames)
    first.save(
        path, "GIF", save_all=True, append_images=others, duration=MILLISECONDS, loop=0, comment=comment.encode()
    )
