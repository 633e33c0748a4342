"""A `DepthInferencer` without a network, for tests of what becomes of its results."""

from collections.abc import Callable, Iterator

import numpy as np

from mdetools.apis import Result
from mdetools.apis.inference import entries_of
from mdetools.apis.inference.cameras import intrinsics_of
from mdetools.contract import QUANTITIES
from mdetools.errors import UserError

__all__ = ["StubInferencer"]


class StubInferencer:
    """Predicts by a function of the picture.

    Args:
        predict: takes a picture (H, W, 3) to values: (K,) of scores, else a map.
        quantity: what they are.
    """

    model = None

    def __init__(self, predict: Callable[[np.ndarray], np.ndarray], quantity: str = "depth") -> None:
        self.predict, self.quantity = predict, quantity

    def stream(self, inputs, keep_images=False, skip=None, focal_length=None, baseline=None) -> Iterator[Result]:
        """As `DepthInferencer.stream`."""
        for entry in entries_of(inputs):
            try:
                image = entry.read()
            except UserError as error:
                if skip is None:
                    raise
                skip(entry.path, error)
                continue
            values, size = self.predict(image), image.shape[:2]
            camera = intrinsics_of(size, entry.path, entry.root, focal_length)
            yield Result(
                quantity=self.quantity,
                unit=QUANTITIES[self.quantity].unit,
                size=size,
                map=values if values.ndim > 1 else None,
                scores=values if values.ndim == 1 else None,
                path=entry.path,
                frame=entry.frame,
                intrinsics=camera,
                image=image,
            )
