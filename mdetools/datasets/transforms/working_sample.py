"""How a transform changes a working sample: each key by what kind of field it is."""

from collections.abc import Callable, Mapping

import numpy as np

from mdetools.contract import FIELDS, names_of

__all__ = ["transform_fields", "transform_colors", "maps_fit"]

Change = Callable[[np.ndarray], np.ndarray]


def transform_fields(sample: Mapping, **by_kind: Change) -> dict:
    """The sample, with every key of the named kinds changed.

    >>> half = transform_fields({"image": np.ones((4, 4, 3)), "meta": {}}, image=lambda image: image[::2, ::2])
    >>> half["image"].shape
    (2, 2, 3)

    Args:
        sample: a working sample.
        by_kind: what becomes of the array of each key that is of this kind in `FIELDS`.
    """
    return {**sample, **{name: by_kind[FIELDS[name].kind](sample[name]) for name in names_of(sample, *by_kind)}}


def transform_colors(sample: Mapping, image: Change) -> dict:
    """The sample, with every image changed that transforms of colour may change."""
    names = [name for name in names_of(sample, "image") if FIELDS[name].augmented]
    return {**sample, **{name: image(sample[name]) for name in names}}


def maps_fit(sample: Mapping) -> bool:
    """Whether all images and maps have the size of `image`."""
    shape = sample["image"].shape[:2]
    return all(sample[name].shape[:2] == shape for name in names_of(sample, "image", "map"))
