"""One prediction of several: of windows of an image, and of the image at several sizes."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from mdetools.contract import Prediction, Quantity, quantity_of
from mdetools.errors import UserError, one_line, suggest

__all__ = ["average_scales", "check_scales", "check_windows", "predict_in_windows", "window_starts"]

Run = Callable[[Tensor], Prediction]
OVERLAP = 1 / 3  # of a window's side, as segmentation networks are usually evaluated


def window_starts(length: int, window: int, overlap: float = OVERLAP) -> list[int]:
    """The first pixels of windows that cover a side evenly, each over its neighbour by a share of its side at least.

    >>> window_starts(1000, 400), window_starts(300, 400)
    ([0, 200, 400, 600], [0])
    """
    if length <= window:
        return [0]
    step = max((1 - overlap) * window, 1)
    count = math.ceil((length - window) / step - 1e-9) + 1
    return [round(number * (length - window) / (count - 1)) for number in range(count)]


def predict_in_windows(run: Run, image: Tensor, size: tuple[int, int], overlap: float = OVERLAP) -> Prediction:
    """A prediction made of those of overlapping windows: their mean where they overlap.

    An image that one window covers is predicted as a whole. Disparity is in pixels, and a window has the image's.

    Args:
        run: predicts an image.
        image: (B, 3, H, W).
        size: (h, w) of a window, pixels; sides that are longer than the image's are the image's.
        overlap: of two neighbours, at least, as a share of a window's side.

    Returns:
        The quantity alone, float32 (B, K, H, W); of one window as the model gave it.

    Raises:
        UserError: if the model predicts no map, or one whose scale and shift each window would have of its own.
    """
    corners = [window_starts(*sides, overlap) for sides in zip(image.shape[-2:], size, strict=True)]
    if all(len(starts) == 1 for starts in corners):
        return run(image)
    total, counts, name = 0.0, image.new_zeros(image.shape[-2:], dtype=torch.float32), ""
    for top, left in product(*corners):
        place = (..., slice(top, top + size[0]), slice(left, left + size[1]))
        window = image[place]
        prediction = run(window)
        quantity = checked(prediction, "window_test", maps=True)
        name, values = quantity.name, quantity.resize(prediction[quantity.name].float(), tuple(window.shape[-2:]))
        if not torch.is_tensor(total):
            total = values.new_zeros(*values.shape[:2], *image.shape[-2:])
        total[place] += values
        counts[place] += 1
    return {name: total / counts}


def average_scales(run: Run, image: Tensor, scales: Sequence[float], multiple_of: int = 1) -> Prediction:
    """The mean of the predictions for an image at several sizes, brought to the size that the image has.

    Args:
        run: predicts an image.
        image: (B, 3, H, W).
        scales: factors of its sides.
        multiple_of: sides become a multiple of it, if the image's are.

    Returns:
        The quantity alone, float32, of the image's size if it is a map.

    Raises:
        UserError: if the model predicts what has another scale and shift at each size.
    """
    size, unit = tuple(image.shape[-2:]), multiple_of
    if any(side % unit for side in size):
        unit = 1
    total, name = 0.0, ""
    for scale in scales:
        scaled = tuple(max(round(side * scale / unit), 1) * unit for side in size)
        view = image if scaled == size else F.interpolate(image, scaled, mode="bilinear", antialias=True)
        prediction = run(view)
        quantity = checked(prediction, "scale_test", maps=False)
        name = quantity.name
        total = total + quantity.resize(prediction[name].float(), size)
    return {name: total / len(scales)}


def checked(prediction: Prediction, option: str, maps: bool) -> Quantity:
    """The quantity of a prediction, which several of can be averaged.

    Raises:
        UserError: if its scale is unknown, or it is no map where one is needed; `option` is named.
    """
    quantity = quantity_of(prediction)
    if quantity.relative:
        raise UserError(
            f"model.{option} averages values, and the model predicts '{quantity.name}', of unknown scale and shift, "
            "expected a quantity with a unit, or classes; leave it out"
        )
    if maps and prediction[quantity.name].ndim < 4:
        raise UserError(
            f"model.{option} puts maps together, and the model predicts '{quantity.name}' of the whole image; leave it "
            "out"
        )
    return quantity


def check_windows(options: Mapping | None) -> dict | None:
    """The option `window_test` with its size as (height, width); None stays None.

    Raises:
        UserError: if it holds anything but `size` and `overlap`, or one is out of its range.
    """
    if options is None:
        return None
    for name in options:
        if name not in ("size", "overlap"):
            raise UserError(f"model.window_test has no '{one_line(name, 80)}'; {suggest(name, ('size', 'overlap'))}")
    size, overlap = options.get("size"), options.get("overlap", OVERLAP)
    sides = (size, size) if isinstance(size, int) else tuple(size or ())
    if len(sides) != 2 or not all(isinstance(side, int) and side > 0 for side in sides):
        raise UserError(
            f"model.window_test.size is {one_line(size, 80)}, expected a side or (height, width) in pixels of the "
            "network's image; set it"
        )
    if not 0 <= overlap < 1:
        raise UserError(f"model.window_test.overlap is {one_line(overlap, 80)}, expected 0 or more, below 1; set it")
    return {"size": sides, "overlap": overlap}


def check_scales(scales: Sequence[float] | None) -> tuple[float, ...] | None:
    """The option `scale_test`; None stays None.

    Raises:
        UserError: if it is no list of positive numbers.
    """
    if scales is None:
        return None
    fine = isinstance(scales, list | tuple) and scales and all(isinstance(one, int | float) for one in scales)
    if not fine or not all(0 < one < math.inf for one in scales):
        raise UserError(
            f"model.scale_test is {one_line(scales, 80)}, expected factors of the image's size, such as [0.75, 1, "
            "1.25]; set them"
        )
    return tuple(scales)
