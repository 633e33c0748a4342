"""How the edges of the depth lie on those of the image."""

import cv2
import numpy as np

from mdetools.datasets.doctor.frame import Frame

__all__ = ["NEAR", "ZOOMS", "registration"]

REACH = 8  # offsets up to a REACH-th of the sides are tried
NEAR = 1  # pixels of the working size: agreement is looked for so far around an offset
STEEPEST = 0.3  # relative bend from which on all edges are alike
FAINTEST = 1e-3  # spread of the image's edges, below which there are none
FEWEST = 200  # pixels with a depth edge or none, below which nothing is said
ZOOMS = (0.8, 0.87, 0.94, 1.07, 1.15, 1.25)  # of the image: a depth camera with another field of view
GRID = (48, 96)  # size at which frames are compared with each other


def registration(frame: Frame) -> dict:
    """Correlates the edges of the depth with those of the image.

    Returns:
        `agreement`: the correlation (2 y + 1, 2 x + 1) at each offset of the image's edges against the depth's, the
        middle being none, in pixels of the working size, whose `working_width` is given; `zoomed`: the same with the
        image enlarged by each of `ZOOMS`; `edge_share`: of all bends of the depth, how much the strongest tenth of the
        pixels has, which is little where there is noise alone; `mirrored`, `flipped`,
        `turned`: the largest near no offset with the image mirrored, upside down, or both, and of a square frame
        `rotated_left`, `rotated_right`, `transposed`; `image_edges`,
        `depth_edges`, `depth_known`: both maps and where the latter is known, at the size `GRID`, float16.
        Nothing if there is too little depth, or nothing in the image.
    """
    if frame.depth is None:
        return {}
    depth = frame.small_depth
    height, width = depth.shape
    image = image_edges(cv2.resize(frame.grey, (width, height), interpolation=cv2.INTER_AREA))
    edges, known = depth_edges(depth)
    edge_share = share_of_strongest(np.hypot(*edges)[known > 0])
    edges = np.stack([above_surroundings(one, known) for one in edges])
    reach = (height // REACH, width // REACH)
    agreement = correlation(image, edges, known, reach)
    if agreement is None or image.std() < FAINTEST:
        return {}
    views = {"mirrored": image[..., ::-1], "flipped": image[:, ::-1], "turned": image[:, ::-1, ::-1]}
    if height == width:
        across_is_down = image[::-1].transpose(0, 2, 1)
        views |= {
            "transposed": across_is_down,
            "rotated_left": across_is_down[:, ::-1],
            "rotated_right": across_is_down[..., ::-1],
        }
    small = {"image_edges": image.mean(0), "depth_edges": edges.mean(0), "depth_known": known}
    return {
        "agreement": agreement,
        "working_width": width,
        "edge_share": edge_share,
        "zoomed": [correlation(zoom(image, factor), edges, known, reach) for factor in ZOOMS],
        **{name: best_near_none(correlation(view, edges, known, reach)) for name, view in views.items()},
        **{
            name: cv2.resize(one, GRID[::-1], interpolation=cv2.INTER_AREA).astype(np.float16)
            for name, one in small.items()
        },
    }


def image_edges(grey: np.ndarray) -> np.ndarray:
    """How much the roots of a grey image's slopes across and down are above those around, float32 (2, H, W).

    A root, so that no strong edge outweighs all; the two apart, so that a horizon does not outweigh what stands on it.
    """
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0)
    slopes = [np.sqrt(np.abs(cv2.Sobel(smooth, cv2.CV_32F, *way))) for way in ((1, 0), (0, 1))]
    return np.stack([slope - cv2.blur(slope, surroundings(grey.shape[1])) for slope in slopes])


def zoom(edges: np.ndarray, factor: float) -> np.ndarray:
    """Maps (2, H, W) enlarged about their middle, 0 where nothing is known."""
    height, width = edges.shape[1:]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 0, factor)
    return np.stack([cv2.warpAffine(one, matrix, (width, height)) for one in edges])


def depth_edges(depth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much inverse depth (H, W) bends across and down, (2, H, W), and where that is known, 0 or 1 (H, W).

    It is where a pixel and its neighbours are valid. On a plane, however slanted, inverse depth does not bend, so that
    a road is no edge. Nor is the edge of a hole.
    """
    valid = depth > 0
    inverse = 1 / np.where(valid, depth, 1)
    known, edges = np.zeros(depth.shape, np.float32), np.zeros((2, *depth.shape), np.float32)
    inner = np.s_[1:-1, 1:-1]
    known[inner] = valid[1:-1, :-2] & valid[1:-1, 2:] & valid[:-2, 1:-1] & valid[2:, 1:-1] & valid[inner]
    edges[0, 1:-1, 1:-1] = np.abs(inverse[1:-1, :-2] + inverse[1:-1, 2:] - 2 * inverse[inner])
    edges[1, 1:-1, 1:-1] = np.abs(inverse[:-2, 1:-1] + inverse[2:, 1:-1] - 2 * inverse[inner])
    return np.minimum(edges / inverse, STEEPEST) * known, known


def share_of_strongest(bends: np.ndarray) -> float:
    """The share of the sum of values (N,) that the largest tenth of them has."""
    if not bends.size:
        return 0.0
    ordered = np.sort(bends)
    return float(ordered[-(bends.size // 10 + 1) :].sum() / max(ordered.sum(), 1e-9))


def above_surroundings(edges: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Depth edges (H, W) less their mean around, over the known pixels."""
    size = surroundings(edges.shape[1])
    share, mean = cv2.blur(known, size), cv2.blur(edges, size)
    return (edges - np.divide(mean, share, out=np.zeros_like(mean), where=share > 1e-6)) * known


def surroundings(width: int) -> tuple[int, int]:
    """The window that counts as "around" at a working width, (width, height)."""
    side = 2 * max(3, width // 20) + 1
    return side, side


def correlation(image: np.ndarray, edges: np.ndarray, known: np.ndarray, reach: tuple[int, int]) -> np.ndarray | None:
    """The mean of `correlation_of` of the edges across and of those down (2, H, W); None if one of them is None."""
    both = [correlation_of(one, other, known, reach) for one, other in zip(image, edges, strict=True)]
    return None if any(one is None for one in both) else np.mean(both, axis=0).astype(np.float16)


def correlation_of(
    image: np.ndarray, edges: np.ndarray, known: np.ndarray, reach: tuple[int, int]
) -> np.ndarray | None:
    """Pearson's correlation of two edge maps (H, W) over the known pixels, at each offset of the first one.

    Returns:
        (2 reach_y + 1, 2 reach_x + 1); None if there is too little to compare.
    """
    inside = np.s_[reach[0] : edges.shape[0] - reach[0], reach[1] : edges.shape[1] - reach[1]]
    weight, values = known[inside], edges[inside]
    count = weight.sum()
    if count < FEWEST:
        return None
    centred = (values - (values * weight).sum() / count) * weight
    spread = np.sqrt((centred**2).sum())
    if spread < 1e-4:
        return None
    image = np.ascontiguousarray(image)
    product = cv2.matchTemplate(image, centred, cv2.TM_CCORR)
    total = cv2.matchTemplate(image, weight, cv2.TM_CCORR)
    squares = cv2.matchTemplate(image**2, weight, cv2.TM_CCORR)
    variation = np.sqrt(np.maximum(squares - total**2 / count, 1e-6))
    return (product / (spread * variation)).clip(-1, 1)


def best_near_none(agreement: np.ndarray) -> float:
    """The largest value at most `NEAR` from the middle."""
    middle = [side // 2 for side in agreement.shape]
    window = tuple(slice(max(0, at - NEAR), at + NEAR + 1) for at in middle)
    return float(agreement[window].max())
