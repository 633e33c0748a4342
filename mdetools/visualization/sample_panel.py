"""What a sample holds, side by side: images, targets, masks and regions, as they are after the transforms."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from mdetools.contract import FIELDS, QUANTITIES, names_of
from mdetools.visualization.canvas import resize_map, resize_scattered
from mdetools.visualization.colormap import UNKNOWN
from mdetools.visualization.labels import draw_legend, label_picture
from mdetools.visualization.layout import EDGE, Tile, compose, fitted_text, tile_size
from mdetools.visualization.panel import SPARSE
from mdetools.visualization.tiles import color_tile, image_tile, map_cmap, percentile_range, vector_tile

__all__ = ["sample_panel", "value_ranges", "views_panel"]

IMAGES = {"image_right": "Right image", "image_clean": "Clean view"}
MASKS = {"valid_mask": "Valid", "sky": "Sky"}
CLASSES = {"region": "Region", "semantic": "Classes"}
PAIRS = 6  # of points that are drawn
CLOSER, FARTHER = (215, 25, 28), (44, 90, 200)  # colours of the two points of a pair
Ranges = Mapping[str, tuple[float, float]]


def sample_panel(sample: Mapping[str, np.ndarray], title: str) -> np.ndarray:
    """Draws all that a sample holds in one row: images, masks, then targets in their own ranges, and regions.

    Near is red, what is not known is grey, and points of a sparse target are drawn larger than they are. Images that
    are not there, which a batch fills with black, are left out.

    >>> image, depth = np.full((48, 64, 3), 7, np.uint8), np.full((1, 48, 64), 2.0, np.float32)
    >>> panel = sample_panel({"image": image, "depth": depth, "valid_mask": depth > 0}, "a frame")
    >>> panel.shape[0], panel[36, 10].tolist()  # three tiles of 320x240, with titles
    (296, [7, 7, 7])

    Args:
        sample: by the keys of `FIELDS`: images uint8 (H, W, 3), RGB; maps (C, h, w), of any size; points (N, 2, 2).
        title: of the image.

    Returns:
        uint8 (H', W', 3), RGB.
    """
    return compose([sample_tiles(sample, title, drawn_names([sample]), value_ranges([sample]))])


def views_panel(samples: Sequence[Mapping[str, np.ndarray]], titles: Sequence[str]) -> np.ndarray:
    """Draws several samples, such as the augmented views of one frame, side by side: a column for each.

    A target has one range in all of them, so that a depth has one colour, and one bar, behind the last.

    Args:
        samples: see `sample_panel`; all of them hold the same.
        titles: of their images.

    Returns:
        uint8 (H', W', 3), RGB.
    """
    names, ranges = drawn_names(samples), value_ranges(samples)
    columns = [sample_tiles(sample, title, names, ranges) for sample, title in zip(samples, titles, strict=True)]
    size = columns[0][0].picture.shape[:2]
    rows = [[resized(tile._replace(bar=None), size) for tile in row] for row in zip(*columns, strict=True)]
    for row, tile in zip(rows, columns[-1], strict=True):
        row[-1] = row[-1]._replace(bar=tile.bar if tile.picture.shape[:2] == size else None)
    return compose(rows)


def value_ranges(samples: Sequence[Mapping[str, np.ndarray]]) -> dict[str, tuple[float, float]]:
    """The 1st and 99th percentile of each target, by its key, over the known pixels of all samples together."""
    ranges = {}
    for name in [name for name in names_of(samples[0], "map") if name not in {**MASKS, **CLASSES}]:
        known = [sample[name][0][known_pixels(sample, name)] for sample in samples]
        values = np.concatenate([values.ravel() for values in known])
        ranges[name] = percentile_range(values, np.isfinite(values))
    return ranges


def known_pixels(sample: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """Where a map (C, h, w) is known, bool (h, w): as the mask of its size says, or else where it is no hole."""
    values = sample[name]
    finite = np.isfinite(values).all(0)
    if "valid_mask" in sample and sample["valid_mask"].shape[1:] == values.shape[1:]:
        return finite & sample["valid_mask"][0]
    return finite & (values != FIELDS[name].hole).any(0)


def drawn_names(samples: Sequence[Mapping[str, np.ndarray]]) -> list[str]:
    """What is drawn besides the image: what has no bar before what has one, so that the rows of a sheet are aligned."""
    names = [name for name in names_of(samples[0], "image", "map") if name != "image"]
    there = [name for name in names if name not in IMAGES or any(sample[name].any() for sample in samples)]
    return sorted(there, key=lambda name: name not in {**IMAGES, **MASKS})


def sample_tiles(sample: Mapping[str, np.ndarray], title: str, names: Sequence[str], ranges: Ranges) -> list[Tile]:
    """The tiles of a sample: its image, and the fields of these names; see `sample_panel`."""
    size = tile_size(*sample["image"].shape[:2])
    image = image_tile(fitted_text(title, size[1]), with_pairs(sample), size)
    return [image, *(tile_of(sample, name, size, ranges) for name in names)]


def tile_of(sample: Mapping[str, np.ndarray], name: str, size: tuple[int, int], ranges: Ranges) -> Tile:
    """One field of a sample."""
    values = sample[name]
    if FIELDS[name].kind == "image":
        return image_tile(IMAGES.get(name, title_of(name)), values, size)
    if name in MASKS:
        picture = cv2.resize(255 * values[0].astype(np.uint8), size[::-1], interpolation=cv2.INTER_NEAREST)
        picture = np.repeat(picture[..., None], 3, axis=2)
        cv2.rectangle(picture, (0, 0), (size[1] - 1, size[0] - 1), UNKNOWN, 1)  # around what is all white
        return Tile(f"{MASKS[name]}: {values[0].mean():.1%}", picture)
    if name in CLASSES:
        known = values[0] != FIELDS[name].hole if name == "semantic" else np.ones(values.shape[1:], bool)
        legend = draw_legend(values[0][known].ravel(), size[0], EDGE)
        return Tile(CLASSES[name], label_picture(values[0], known, size), legend)
    quantity, known = QUANTITIES.get(name), known_pixels(sample, name)
    if quantity is not None and quantity.picture == "vector":
        return vector_tile(title_of(name), values, known, size)
    unit, cmap = (quantity.unit, map_cmap(quantity)) if quantity else ("", "viridis")
    if not known.any():
        return color_tile(f"{title_of(name)}: nowhere known", resize_map(values[0], known, size), 0, 1, cmap)
    if quantity is not None and known.mean() < SPARSE:
        nearest = -values[0] if quantity.is_inverse else values[0]
        shown = resize_scattered(values[0], known, size, nearest)
    else:
        shown = resize_map(values[0], known, size)
    return color_tile(title_of(name), shown, *ranges[name], cmap, unit)


def title_of(name: str) -> str:
    """A field's name as a title.

    >>> title_of("inverse_depth")
    'Inverse depth'
    """
    return name.replace("_", " ").capitalize()


def with_pairs(sample: Mapping[str, np.ndarray]) -> np.ndarray:
    """The image uint8 (H, W, 3) with the first of its pairs of points on it, the closer one of each in red."""
    image, pairs = sample["image"], sample.get("point_pairs")
    if pairs is None:
        return image
    picture, width = image.copy(), max(max(image.shape) // 200, 1)
    for pair in pairs[np.isfinite(pairs).all((1, 2))][:PAIRS]:
        near, far = (tuple(int(round(value)) for value in point) for point in pair)
        cv2.line(picture, near, far, (255, 255, 255), width, cv2.LINE_AA)
        for point, color in ((near, CLOSER), (far, FARTHER)):
            cv2.circle(picture, point, 3 * width, color, -1, cv2.LINE_AA)
    return picture


def resized(tile: Tile, size: tuple[int, int]) -> Tile:
    """A tile whose picture has another size, as views of other sizes have beside each other."""
    if tile.picture.shape[:2] == size:
        return tile
    return tile._replace(picture=cv2.resize(tile.picture, size[::-1], interpolation=cv2.INTER_AREA))
