"""Where points of the left image are found in the right one."""

import cv2
import numpy as np

from mdetools.datasets.doctor.frame import Frame

__all__ = ["stereo"]

WORKING_WIDTH = 400  # pixels at which pairs are matched
ROWS, COLUMNS = 6, 8  # points tried
PATCH, ABOVE = 7, 6  # half sizes of a patch and of the rows searched, pixels
FLATTEST = 6.0  # grey levels of spread in a patch that can be told from others
ALIKE, LEAD = 0.8, 0.08  # correlation of a match, and by how much it is ahead of the next best


def stereo(frame: Frame) -> dict:
    """Matches patches of the left image in the right one, to both sides, and some rows up and down.

    Returns:
        `pair_tried`: how many patches have texture; `pair_found`: how many have one clear match; `pair_shift`: how far
        each match lies to the left, pixels of the image; `pair_rows`: how far below, in pixels of the image;
        `pair_same`: whether both images are equal; `pair_block`: pixels of the image that were one in the matching;
        `pair_depths`: for matches where depth, camera and baseline are known: the depth, and what the shift gives, in
        metres. Nothing without a right image.
    """
    if frame.right is None:
        return {}
    height, width = frame.image.shape[:2]
    block = max(1, min(round(width / WORKING_WIDTH), height))
    left, right = shrink(frame.grey, block), shrink(cv2.cvtColor(frame.right, cv2.COLOR_RGB2GRAY), block)
    matches, tried = match(left, right)
    shifts = [block * shift for *_, shift, _ in matches]
    return {
        "pair_same": bool(np.array_equal(frame.image, frame.right)),
        "pair_tried": tried,
        "pair_found": len(matches),
        "pair_shift": shifts,
        "pair_rows": [block * rows for *_, rows in matches],
        "pair_block": block,
        "pair_depths": depths_at(frame, [(y * block, x * block) for y, x, *_ in matches], shifts),
    }


def shrink(grey: np.ndarray, block: int) -> np.ndarray:
    """A grey image (H, W) by means of blocks."""
    height, width = grey.shape[0] // block, grey.shape[1] // block
    return cv2.resize(grey[: height * block, : width * block], (width, height), interpolation=cv2.INTER_AREA)


def match(left: np.ndarray, right: np.ndarray) -> tuple[list[tuple[int, int, int, int]], int]:
    """Clear matches (row, column, pixels to the left, rows below), and how many were tried."""
    height, width = left.shape
    patch, above, reach = max(2, min(PATCH, height // 10)), max(2, min(ABOVE, height // 12)), width // 6
    matches, tried = [], 0
    if min(height - 2 * (above + patch), width - 2 * (reach + patch)) < 2:
        return matches, tried
    for y in np.linspace(above + patch, height - above - patch - 1, ROWS).astype(int):
        for x in np.linspace(reach + patch, width - reach - patch - 1, COLUMNS).astype(int):
            template = left[y - patch : y + patch + 1, x - patch : x + patch + 1]
            if template.std() < FLATTEST:
                continue
            tried += 1
            area = right[y - patch - above : y + patch + above + 1, x - patch - reach : x + patch + reach + 1]
            found = clear_maximum(cv2.matchTemplate(area, template, cv2.TM_CCOEFF_NORMED))
            if found is not None:
                matches.append((int(y), int(x), reach - found[1], found[0] - above))
    return matches, tried


def clear_maximum(scores: np.ndarray) -> tuple[int, int] | None:
    """Where a map of scores (H, W) is largest, if nothing farther away comes near that."""
    row, column = (int(at) for at in np.unravel_index(scores.argmax(), scores.shape))
    best = scores[row, column]
    scores[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4] = -1
    return (row, column) if best > ALIKE and best - scores.max() > LEAD else None


def depths_at(frame: Frame, places: list[tuple[int, int]], shifts: list[int]) -> list[tuple[float, float]]:
    """Depth, and focal length x baseline / shift, at the matches of clearly positive shift that have depth."""
    if frame.depth is None or frame.intrinsics is None or not frame.baseline:
        return []
    if frame.depth.shape != frame.image.shape[:2]:
        return []
    focal_baseline, depths = float(frame.intrinsics[0, 0]) * frame.baseline, []
    for (y, x), shift in zip(places, shifts, strict=True):
        around = np.s_[max(0, y - 3) : y + 4, max(0, x - 3) : x + 4]
        depth = frame.depth[around][frame.valid[around]]
        if shift >= 4 and depth.size:
            depths.append((float(np.median(depth)), focal_baseline / shift))
    return depths
