"""Pictures of classes of whole images: a page of hits and misses, and what is taken for what."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from mdetools.visualization.canvas import blank, draw_text, text_size
from mdetools.visualization.layout import Tile, compose, fitted_text, tile_size
from mdetools.visualization.tiles import image_tile

__all__ = ["ShownClass", "confusion_picture", "hits_and_misses"]

HIT, MISS, SHARE = (40, 160, 60), (220, 20, 20), (70, 130, 210)  # RGB: frames, and a cell of 100 %
FRAME, AREA, COLUMNS = 4, 128 * 96, 6
CELL, LARGEST, NUMBERED, NAME, MARGIN = 36, 720, 20, 130, 10  # pixels, but for the classes that numbers are written of


class ShownClass(NamedTuple):
    """An image with its class and the predicted one.

    Attributes:
        image: uint8 (H, W, 3), RGB.
        truth: name of its class.
        predicted: name of the class with the highest score.
        probability: of that class, by the softmax.
    """

    image: np.ndarray
    truth: str
    predicted: str
    probability: float


def hits_and_misses(hits: Sequence[ShownClass], misses: Sequence[ShownClass]) -> np.ndarray:
    """A page of images: above those whose class is right, framed in green, below the others, framed in red.

    Above each stands the predicted class with its probability, below a miss what it is.

    Args:
        hits: in the order in which they are shown.
        misses: likewise; one of the two may be empty.

    Returns:
        uint8 (H, W, 3), RGB.
    """
    size = tile_size(*[*hits, *misses][0].image.shape[:2], AREA)
    tiles = [[class_tile(one, size) for one in part] for part in (hits, misses)]
    return compose([part[at : at + COLUMNS] for part in tiles for at in range(0, len(part), COLUMNS)])


def class_tile(shown: ShownClass, size: tuple[int, int]) -> Tile:
    """One image of the page, (height, width)."""
    hit, width = shown.truth == shown.predicted, size[1]
    number = f" {shown.probability:.2f}"
    title = fitted_text(shown.predicted, width - text_size(number)[0]) + number
    picture = image_tile(title, shown.image, size).picture.copy()
    cv2.rectangle(picture, (0, 0), (width - 1, size[0] - 1), HIT if hit else MISS, FRAME)
    return Tile(title, picture, None, () if hit else (fitted_text(f"is {shown.truth}", width),))


def confusion_picture(confusion: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """What is taken for what: a row per true class, its cells as shares of the row, which are written in per cent.

    Of more than 20 classes nothing is written. Rows are named, columns have the numbers of the classes.

    Args:
        confusion: int (K, K), rows by true class, columns by predicted class.
        names: of the classes, K.

    Returns:
        uint8 (H, W, 3), RGB.
    """
    count = len(confusion)
    shares = confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
    numbered = count <= NUMBERED
    cell = CELL if numbered else max(LARGEST // count, 1)
    top, left = MARGIN + 3 * text_size("0")[1], MARGIN + (NAME if numbered else 0)
    canvas = blank(top + count * cell + MARGIN, left + count * cell + MARGIN)
    colors = 255 - shares[..., None] * (255 - np.array(SHARE))
    cells = np.kron(colors.round(), np.ones((cell, cell, 1))).astype(np.uint8)
    canvas[top : top + count * cell, left : left + count * cell] = cells
    for row in range(count if numbered else 0):
        base = top + row * cell + (cell + text_size("0")[1]) // 2
        draw_text(canvas, fitted_text(f"{names[row]} {row}", NAME - MARGIN), MARGIN, base)
        draw_text(canvas, str(row), left + row * cell + (cell - text_size(str(row))[0]) // 2, top - MARGIN // 2)
        for column in np.flatnonzero(confusion[row]):
            text = f"{100 * shares[row, column]:.0f}"
            draw_text(canvas, text, left + column * cell + (cell - text_size(text)[0]) // 2, base)
    return canvas
