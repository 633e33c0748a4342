"""Batteries of what makes samples: data sets and transforms."""

import copy
import pickle
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from mdetools.contract import FIELDS, Field, SampleIndex, names_of
from mdetools.errors import UserError

__all__ = ["check_dataset", "check_sample", "check_transform"]


def check_sample(sample: dict, name: str) -> None:
    """What a data set gives keeps the contract of `mdetools.contract.FIELDS`; `name` stands in the messages."""
    assert set(sample) <= set(FIELDS), f"{name}: unknown keys {sorted(set(sample) - set(FIELDS))}"
    assert {"image", "meta"} <= set(sample), f"{name}: `image` and `meta` must be there, got {sorted(sample)}"
    for key in sample:
        field = FIELDS[key]
        if field.kind != "text":
            value = sample[key]
            assert isinstance(value, Tensor), f"{name}: {key} must be a tensor, got {type(value).__name__}"
            assert value.dtype == field.dtype, f"{name}: {key} must be {field.dtype}, got {value.dtype}"
            check_shape(value, field, f"{name}: {key}")
    for kind in ("image", "map"):
        sizes = {key: tuple(sample[key].shape[-2:]) for key in names_of(sample, kind)}
        assert len(set(sizes.values())) <= 1, f"{name}: {kind}s differ in size: {sizes}"
    for key in {"depth", "inverse_depth"} & sample.keys():
        assert "valid_mask" in sample, f"{name}: {key} without valid_mask"
        assert sample[key].isfinite().all(), f"{name}: {key} is not finite"
    if "depth" in sample:
        depth, valid = sample["depth"], sample["valid_mask"]
        assert not depth[~valid].any(), f"{name}: depth must be 0 where valid_mask is False"
        assert (depth[valid] > 0).all(), f"{name}: depth must be positive where valid_mask is True"
        assert "sky" not in sample or not (sample["sky"] & valid).any(), f"{name}: sky has no depth, and is not valid"
    check_camera(sample, name)
    meta = sample["meta"]
    assert "id" in meta and all(isinstance(value, str) for value in meta.values()), f"{name}: meta is {meta}"


def check_shape(value: Tensor, field: Field, what: str) -> None:
    """A tensor has the shape that its field's layout says; capitals stand for any size."""
    fits = value.ndim == len(field.axes) and all(
        side.isalpha() or int(side) == length for side, length in zip(field.axes, value.shape, strict=True)
    )
    assert fits, f"{what} is {tuple(value.shape)}, not of the layout '{field.layout}'"


def check_camera(sample: dict, name: str) -> None:
    """`intrinsics` (array or tensor) and `baseline`, where a sample has them, are well formed; NaN where unknown."""
    if "intrinsics" in sample:
        matrix = sample["intrinsics"]
        assert str(matrix.dtype).endswith("float32"), f"{name}: intrinsics must be float32, got {matrix.dtype}"
        assert tuple(matrix.shape) == (3, 3), f"{name}: intrinsics are {tuple(matrix.shape)}, not (3, 3)"
        known = matrix.tolist()[0][0] == matrix.tolist()[0][0]
        assert not known or (matrix[2].tolist() == [0, 0, 1] and matrix[0, 0] > 0 and matrix[1, 1] > 0), (
            f"{name}: intrinsics {matrix}"
        )
    assert not sample.get("baseline", 1) <= 0, f"{name}: baseline must be positive, got {sample['baseline']}"


def same(first, second) -> bool:
    """Equal to the bit, for arrays, tensors, dicts of them, and plain values."""
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, Tensor) and isinstance(second, Tensor) and first.dtype.is_floating_point:
        return first.shape == second.shape and bool(torch.equal(first.nan_to_num(), second.nan_to_num()))
    return type(first) is type(second) and bool(np.array_equal(first, second))


def check_dataset(dataset: Dataset) -> None:
    """A data set's samples keep the contract, follow from their `SampleIndex` alone, and can be made in a worker."""
    name = type(dataset).__name__
    assert len(dataset) > 0, f"{name} is empty"
    for index in sorted({0, len(dataset) // 2, len(dataset) - 1}):
        asked = SampleIndex(seed=3, epoch=5, index=index)
        sample = dataset[asked]
        check_sample(sample, f"{name}[{index}]")
        check_sample(dataset[index], f"{name}[{index}]")
        assert same(sample, dataset[asked]), f"{name}[{index}]: asked twice for one SampleIndex, it gives two samples"
        worker = pickle.loads(pickle.dumps(dataset))
        assert same(sample, worker[asked]), f"{name}[{index}]: a pickled copy, as a worker has it, gives another sample"


def check_transform(transform: Callable, sample: dict) -> None:
    """A transform keeps the contract, follows from its generator alone, and leaves its input arrays as they were.

    A sample with nothing but an image is one too, see `check_photograph`.

    Args:
        transform: what the registry built.
        sample: a working sample: arrays in HWC, as a pipeline passes them on.
    """
    name = type(transform).__name__
    before = copy.deepcopy(sample)
    for seed in range(8):
        out = transform(dict(sample), np.random.default_rng(seed))
        assert same(sample, before), f"{name} changes its input arrays in place"
        again = transform(dict(sample), np.random.default_rng(seed))
        assert same(out, again), f"{name}: one seed gives two results; draw from `rng` alone"
        lost = sample.keys() - out.keys() - ({"depth"} if "inverse_depth" in out else set())
        assert not lost, f"{name} loses {sorted(lost)}"
        check_packed_or_working(out, name)
    check_photograph(transform, {key: sample[key] for key in ("image", "meta")}, name)


def check_photograph(transform: Callable, photograph: dict, name: str) -> None:
    """A transform takes an image alone, or says in a `UserError` what it needs."""
    try:
        out = transform(photograph, np.random.default_rng(0))
    except UserError:
        return
    except KeyError as error:
        raise AssertionError(f"{name} needs {error}, which an image alone has not; change what is there") from error
    check_packed_or_working(out, name)


def check_packed_or_working(sample: dict, name: str) -> None:
    """A sample keeps the contract, whether it is packed already or still a working sample."""
    if isinstance(sample["image"], Tensor):
        check_sample(sample, name)
    else:
        check_arrays(sample, name)


def check_arrays(sample: dict, name: str) -> None:
    """A working sample, arrays in HWC, can go on through a pipeline."""
    for key in names_of(sample, "image"):
        array = sample[key]
        assert array.dtype == np.uint8 and array.ndim == 3 and array.shape[2] == 3, (
            f"{name}: {key} must be uint8 (H, W, 3), got {array.dtype} {array.shape}"
        )
    for key in names_of(sample, "map"):
        array, field = sample[key], FIELDS[key]
        wanted = torch.empty((), dtype=field.dtype).numpy().dtype
        assert array.dtype == wanted and array.ndim in (2, 3), f"{name}: {key} is {array.dtype} {array.shape}"
        assert array.shape[2:] in ((), (field.channels,)), f"{name}: {key} has shape {array.shape}"
    shapes = {key: sample[key].shape[:2] for key in names_of(sample, "map")}
    assert len(set(shapes.values())) <= 1, f"{name}: maps differ in size: {shapes}"
    if "depth" in sample:
        depth, valid = sample["depth"], sample["valid_mask"]
        assert np.isfinite(depth).all(), f"{name}: depth is not finite"
        assert not depth[~valid].any(), f"{name}: depth must be 0 where valid_mask is False"
    check_camera(sample, name)
