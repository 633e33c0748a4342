"""A picture of what the data doctor found: for each finding its worst frame."""

import textwrap
from collections.abc import Sequence

import cv2
import numpy as np
from torch.utils.data import Dataset

from mdetools.apis.dataset_check import CheckedSplit
from mdetools.datasets.doctor import Finding, Split
from mdetools.datasets.doctor.frame import Frame, frame_of
from mdetools.datasets.doctor.measures.registration import depth_edges
from mdetools.errors import UserError
from mdetools.visualization import stack_panels, write_image
from mdetools.visualization.canvas import blank, draw_text, resize_map, resize_scattered
from mdetools.visualization.layout import Tile, compose, tile_size
from mdetools.visualization.tiles import MAP_CMAP, color_tile, image_tile, percentile_range

__all__ = ["draw_findings", "write_findings"]

MOST = 12  # findings that are drawn
SPARSE = 0.3  # share of valid pixels below which points are drawn larger than they are
CHARACTERS, LINE = 150, 18  # of a line of text; pixels from one to the next
EDGE_COLOR, STEEP = (255, 0, 0), 0.06  # of the depth's edges on the image; the log depth's slope that is one


def write_findings(path: str, checked: Sequence[CheckedSplit]) -> str:
    """Draws the worst frame of each finding into a file, and says what was written.

    Raises:
        UserError: if the file cannot be written.
    """
    panels = draw_findings(checked)
    if not panels:
        return f"{path}: not written, as nothing was found that a picture shows"
    write_image(path, stack_panels(panels))
    return f"{path}: {len(panels)} findings, each with its worst frame"


def draw_findings(checked: Sequence[CheckedSplit]) -> list[np.ndarray]:
    """A panel uint8 (H, W, 3) for each finding that names a frame that can be read, at most `MOST`."""
    panels = []
    for dataset, split, findings, _ in checked:
        for finding in findings:
            if len(panels) < MOST:
                frames = worst_frames(dataset, split, finding)
                panels += [finding_panel(split, finding, *frames[:1])] if frames else []
    return panels


def worst_frames(dataset: Dataset, split: Split, finding: Finding) -> list[tuple[str, Frame]]:
    """The first of a finding's frames, read again; none if it has none that can be read."""
    places = {record["id"]: record["index"] for record in split.readable}
    for name in finding.frames:
        if name in places:
            try:
                sample = dataset.load(places[name]) if hasattr(dataset, "load") else dataset[places[name]]
            except (UserError, OSError):
                continue
            return [(name, frame_of(sample, []))]
    return []


def finding_panel(split: Split, finding: Finding, worst: tuple[str, Frame]) -> np.ndarray:
    """What a finding says, above the frame's image, depth, and the depth's edges on the image."""
    name, frame = worst
    lines = textwrap.wrap(f"{split.name}, {finding.severity}: {finding.line}", CHARACTERS)
    size = tile_size(*frame.image.shape[:2])
    tiles = [image_tile(name[-40:], frame.image, size)]
    if frame.right is not None:
        tiles.append(image_tile("Right image", frame.right, size))
    if frame.depth is not None:
        tiles += [depth_tile(frame, size), Tile("The depth's edges on the image", with_edges(frame, size))]
    header = blank(LINE * len(lines) + 8, 10 + 7 * CHARACTERS)
    for number, line in enumerate(lines, 1):
        draw_text(header, line, 10, LINE * number)
    return stack_panels([header, compose([tiles])])


def depth_tile(frame: Frame, size: tuple[int, int]) -> Tile:
    """The depth in its own range, holes in grey."""
    if frame.valid.any() and frame.valid.mean() < SPARSE:
        shown = resize_scattered(frame.depth, frame.valid, size, frame.depth)
    else:
        shown = resize_map(frame.depth, frame.valid, size)
    share = f"Depth, {frame.valid.mean():.1%} valid"
    return color_tile(share, shown, *percentile_range(frame.depth, frame.valid), MAP_CMAP, "m")


def with_edges(frame: Frame, size: tuple[int, int]) -> np.ndarray:
    """The image (height, width, 3) in pale grey with the depth's edges in red."""
    height, width = size
    edges = cv2.resize(depth_edges(frame.small_depth)[0].max(0), (width, height), interpolation=cv2.INTER_LINEAR)
    pale = 128 + cv2.resize(frame.grey, (width, height), interpolation=cv2.INTER_AREA) // 2
    picture = np.repeat(pale[..., None], 3, axis=2)
    picture[edges > STEEP] = EDGE_COLOR
    return picture
