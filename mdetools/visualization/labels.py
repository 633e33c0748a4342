"""Colour for classes: a palette, label maps, a legend, and a picture of what is wrong."""

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np

from mdetools.visualization.canvas import INK, blank, draw_text, resize_map, text_size
from mdetools.visualization.colormap import UNKNOWN

__all__ = ["class_palette", "draw_legend", "label_picture", "wrong_picture"]

NO_CLASS = 255
DARKEST, BRIGHTEST, STRONGEST = 25, 92, 75  # of the palette, in CIELAB: lightness of 0..100, and chroma
SWATCH, PITCH, GAP = 14, 20, 5  # pixels: a legend's swatch, its rows, the space before a number
WRONG = (220, 20, 20)
GREY = cv2.COLOR_RGB2GRAY


@cache
def class_palette() -> np.ndarray:
    """A colour per class, each as far as can be from all before it and from the grey of what has no class.

    Returns:
        uint8 (256, 3), RGB, read-only: the same in every run, however many classes there are; the last is grey.
    """
    levels = np.array(np.meshgrid(*[np.linspace(0, 255, 9).round()] * 3, indexing="ij"), np.float32).reshape(3, -1).T
    lab = lab_of(levels)
    clear = (lab[:, 0] > DARKEST) & (lab[:, 0] < BRIGHTEST) & (np.hypot(lab[:, 1], lab[:, 2]) < STRONGEST)
    levels, lab = levels[clear], lab[clear]
    palette = np.full((256, 3), UNKNOWN, np.uint8)
    distance = np.linalg.norm(lab - lab_of(palette[-1:]), axis=1)
    for label in range(NO_CLASS):
        chosen = np.argmax(distance.round(2))
        palette[label] = levels[chosen]
        distance = np.minimum(distance, np.linalg.norm(lab - lab[chosen], axis=1))
    palette.flags.writeable = False
    return palette


def lab_of(colors: np.ndarray) -> np.ndarray:
    """RGB (N, 3) in 0..255 as CIELAB, where a distance is what an eye sees."""
    return cv2.cvtColor(np.asarray(colors, np.float32)[None] / 255, cv2.COLOR_RGB2LAB)[0]


def label_picture(labels: np.ndarray, known: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Classes in their colours, resized to the nearest.

    Args:
        labels: integers (h, w), 0 or more; from 255 on the colours repeat.
        known: bool (h, w); grey elsewhere.
        size: (height, width).

    Returns:
        uint8 (height, width, 3), RGB.
    """
    colors = class_palette()[np.where(known, labels % NO_CLASS, NO_CLASS)]
    return cv2.resize(colors, size[::-1], interpolation=cv2.INTER_NEAREST)


def wrong_picture(image: np.ndarray, wrong: np.ndarray, known: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The image, pale, under red where the class is wrong, and grey where it is not known.

    Args:
        image: uint8 (H, W, 3), RGB.
        wrong: bool (h, w).
        known: bool (h, w).
        size: (height, width).

    Returns:
        uint8 (height, width, 3), RGB; redder the more of a pixel is wrong.
    """
    share, shown = resize_map(wrong.astype(np.float32), known, size)
    pale = 255 - (255 - cv2.cvtColor(cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA), GREY)) // 3
    mixed = pale[..., None] * (1 - share[..., None]) + share[..., None] * np.float32(WRONG)
    return np.where(shown[..., None], mixed.round(), UNKNOWN).astype(np.uint8)


def draw_legend(labels: np.ndarray, height: int, margin: int, names: Sequence[str] | None = None) -> np.ndarray:
    """A swatch and the name or number of each class that occurs; of more than there is room for, the most frequent.

    Args:
        labels: integers (N,), 0 or more, of all pixels.
        height: of the picture beside it, pixels.
        margin: white rows above and below, pixels.
        names: of the classes; a class without one has its number.

    Returns:
        uint8 (height + 2 * margin, W, 3), RGB.
    """
    found, counts = np.unique(labels, return_counts=True)
    room = max((height - SWATCH) // PITCH + 1, 1)
    shown = np.sort(found[np.argsort(-counts, kind="stable")[:room]])
    texts = [names[label] if names is not None and label < len(names) else str(label) for label in shown]
    width = SWATCH + GAP + max((text_size(text)[0] for text in texts), default=0) + 2
    canvas = blank(height + 2 * margin, width)
    for row, (label, text) in enumerate(zip(shown, texts, strict=True)):
        top = margin + row * PITCH
        canvas[top : top + SWATCH, :SWATCH] = class_palette()[label % NO_CLASS]
        cv2.rectangle(canvas, (0, top), (SWATCH - 1, top + SWATCH - 1), INK, 1)
        draw_text(canvas, text, SWATCH + GAP, top + SWATCH - 2)
    return canvas
