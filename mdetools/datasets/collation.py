"""From samples to a batch: what a sample lacks is filled in as the table of fields says."""

from collections.abc import Iterable, Mapping, Sequence

import torch
from mmengine.registry import FUNCTIONS
from torch import Tensor
from torch.utils.data import default_collate

from mdetools.contract import FIELDS, Sample
from mdetools.errors import UserError

__all__ = ["collate_samples", "fill_missing"]


def fill_missing(sample: Sample, names: Iterable[str]) -> Sample:
    """The sample with holes under those of the names that it lacks.

    >>> filled = fill_missing({"image": torch.zeros(3, 2, 4, dtype=torch.uint8)}, ["depth", "baseline"])
    >>> filled["depth"].shape, filled["baseline"]
    (torch.Size([1, 2, 4]), tensor(nan))

    Args:
        sample: with `image`.
        names: keys of `FIELDS`.

    Returns:
        A new dict. Maps are of the size of the sample's other maps, or else of its image; points are empty.
    """
    missing = [name for name in names if name not in sample and FIELDS[name].kind != "text"]
    return {**sample, **{name: hole(name, common_map_size(sample)) for name in missing}}


def common_map_size(sample: Sample) -> tuple[int, int]:
    """(H, W) of a sample's maps, or of its image if it has none."""
    maps = (value for name, value in sample.items() if name in FIELDS and FIELDS[name].kind == "map")
    return tuple(next(maps, sample["image"]).shape[-2:])


def hole(name: str, size: tuple[int, int]) -> Tensor:
    """What stands in a sample where nothing is known of a field; images and maps are of the given (H, W)."""
    field = FIELDS[name]
    if field.kind in ("image", "map"):
        shape = (field.channels, *size)
    else:
        shape = tuple(0 if side == "N" else int(side) for side in field.axes)
    return torch.full(shape, field.hole, dtype=field.dtype)


@FUNCTIONS.register_module()
def collate_samples(samples: Sequence[Sample]) -> dict:
    """Stacks samples, of which some may lack what others have.

    Args:
        samples: packed ones.

    Returns:
        A batch with every key that any sample has. Points are padded with holes to the largest number.

    Raises:
        UserError: if images or maps differ in size.
    """
    known = {name: None for sample in samples for name in sample}
    filled = [fill_missing(sample, known) for sample in samples]
    return {name: collate_field(name, [sample.get(name, {}) for sample in filled]) for name in known}


def collate_field(name: str, values: list) -> Tensor | dict[str, list[str]]:
    """One key's values, stacked."""
    if FIELDS[name].kind == "text":
        return collate_text(values)
    if FIELDS[name].kind == "image" and len({value.dtype for value in values}) > 1:
        values = [value.float() for value in values]  # a hole is uint8, what `Resize` prepares for evaluation is not
    if FIELDS[name].kind == "points":
        values = pad_points(values, FIELDS[name].hole)
    shapes = {tuple(value.shape) for value in values}
    if len(shapes) > 1:
        found = ", ".join(sorted("x".join(map(str, shape[-2:])) for shape in shapes))
        raise UserError(
            f"a batch holds '{name}' of {len(shapes)} sizes, {found}, expected one; add a RandomCrop or another fixed "
            "size to the pipeline, or set batch_size=1"
        )
    return default_collate(values)  # which puts a worker's batch into shared memory at once


def collate_text(values: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """Dicts of strings to a dict of lists; a string that is not there is empty."""
    keys = {key: None for value in values for key in value}
    return {key: [value.get(key, "") for value in values] for key in keys}


def pad_points(values: Sequence[Tensor], hole: float) -> list[Tensor]:
    """Points (N_i, ...), each with holes up to the largest N."""
    longest = max(map(len, values))
    return [torch.cat([value, value.new_full((longest - len(value), *value.shape[1:]), hole)]) for value in values]
