"""What the pipeline of a data set makes of images of each size."""

import warnings

from torch.utils.data import Dataset

from mdetools.datasets.doctor.frame import image_size
from mdetools.errors import UserError

__all__ = ["Fit", "pipeline_fits", "pipeline_problems"]

Fit = tuple[int, int] | str  # (height, width) of the image that comes out, or the line of the `UserError`


def pipeline_fits(dataset: Dataset, readable: list[dict]) -> dict[tuple[int, int], list[Fit]]:
    """Tries the pipeline on the first frame of each image size and set of fields, in each part of a `ConcatDataset`.

    Args:
        dataset: what was examined.
        readable: records of `examine_frame` without an error.

    Returns:
        from the size (height, width) of an image to what comes out.
    """
    first = {}
    for record in readable:
        shape, index = tuple(record["shape"]), record["index"]
        part = id(dataset.place(index)[0]) if hasattr(dataset, "place") else 0
        first.setdefault((shape, part, tuple(record["fields"])), index)
    fits: dict[tuple[int, int], list[Fit]] = {shape: [] for shape in sorted(shape for shape, *_ in first)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # frames that are all holes are in the report
        for (shape, *_), index in first.items():
            fit = pipeline_fit(dataset, index)
            if fit not in fits[shape]:
                fits[shape].append(fit)
    return fits


def pipeline_fit(dataset: Dataset, index: int) -> Fit:
    """What the pipeline makes of one frame."""
    try:
        return image_size(dataset[index]["image"])
    except UserError as error:
        return str(error)


def pipeline_problems(fits: dict[tuple[int, int], list[Fit]], batch_size: int) -> list[str]:
    """A line for each image that does not go through the pipeline, and one if what comes out makes no batch."""
    found = [fit for of_shape in fits.values() for fit in of_shape]
    problems = [fit for fit in found if isinstance(fit, str)]
    sizes = {fit for fit in found if not isinstance(fit, str)}
    if batch_size > 1 and len(sizes) > 1:
        listed = ", ".join(f"{height}x{width}" for height, width in sorted(sizes))
        problems.append(f"the pipeline makes images of {len(sizes)} sizes ({listed}), expected one; add a RandomCrop")
    return problems
