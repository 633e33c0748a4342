"""The data sets that a composed one is made of."""

from collections.abc import Iterator

from torch.utils.data import Dataset

__all__ = ["depth_scale_of", "parts_of", "roots_of"]

# Under which names data sets keep their folder, the narrowest first, and their units per metre.
ROOTS, SCALES = ("folder", "data_root", "root"), ("depth_scale", "scale")


def parts_of(dataset: Dataset) -> Iterator[Dataset]:
    """The data sets that read files, within those that are made of others."""
    inner = getattr(dataset, "datasets", None) or [getattr(dataset, "dataset", None)]
    if inner == [None]:
        yield dataset
        return
    for part in inner:
        yield from parts_of(part)


def depth_scale_of(dataset: Dataset) -> float:
    """Units per metre in the files of a data set that has such an option; otherwise 1."""
    scales = [getattr(part, name, None) for part in parts_of(dataset) for name in SCALES]
    known = [float(scale) for scale in scales if isinstance(scale, int | float)]
    return known[0] if known else 1.0


def roots_of(dataset: Dataset) -> list[str]:
    """The folders of its parts, where they say."""
    found = []
    for part in parts_of(dataset):
        roots = [str(getattr(part, name)) for name in ROOTS if getattr(part, name, None)]
        found += roots[:1]
    return found
