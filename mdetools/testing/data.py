"""Batteries of what makes samples: datasets and transforms."""

import copy
import pickle
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from mdetools.contract import SampleIndex

__all__ = ["check_dataset", "check_sample", "check_transform"]

MAPS = {  # key: type, channels
    "image": (torch.uint8, 3),
    "image_right": (torch.uint8, 3),
    "depth": (torch.float32, 1),
    "inverse_depth": (torch.float32, 1),
    "valid_mask": (torch.bool, 1),
    "region": (torch.int64, 1),
}


def check_sample(sample: dict, name: str) -> None:
    """What a dataset gives keeps the contract of `mdetools.contract.types.Sample`; `name` stands in the messages."""
    known = {*MAPS, "intrinsics", "baseline", "meta"}
    assert set(sample) <= known, f"{name}: unknown keys {sorted(set(sample) - known)}"
    assert {"image", "meta"} <= set(sample), f"{name}: `image` and `meta` must be there, got {sorted(sample)}"
    for key in MAPS.keys() & sample.keys():
        dtype, channels = MAPS[key]
        value = sample[key]
        assert isinstance(value, Tensor), f"{name}: {key} must be a tensor, got {type(value).__name__}"
        assert value.dtype == dtype, f"{name}: {key} must be {dtype}, got {value.dtype}"
        assert value.ndim == 3 and len(value) == channels, (
            f"{name}: {key} is {tuple(value.shape)}, not ({channels}, H, W)"
        )
    for key, like in (("image_right", "image"), ("depth", "valid_mask"), ("inverse_depth", "valid_mask")):
        if key in sample:
            assert like in sample, f"{name}: {key} without {like}"
            shapes = tuple(sample[key].shape), tuple(sample[like].shape)
            assert shapes[0] == shapes[1], f"{name}: {key} and {like} differ in size: {shapes}"
    for key in {"depth", "inverse_depth"} & sample.keys():
        assert sample[key].isfinite().all(), f"{name}: {key} is not finite"
    if "depth" in sample:
        depth, valid = sample["depth"], sample["valid_mask"]
        assert not depth[~valid].any(), f"{name}: depth must be 0 where valid_mask is False"
        assert (depth[valid] > 0).all(), f"{name}: depth must be positive where valid_mask is True"
    check_camera(sample, name)
    meta = sample["meta"]
    assert "id" in meta and all(isinstance(value, str) for value in meta.values()), f"{name}: meta is {meta}"


def check_camera(sample: dict, name: str) -> None:
    """`intrinsics` (array or tensor) and `baseline`, where a sample has them, are well formed."""
    if "intrinsics" in sample:
        matrix = sample["intrinsics"]
        assert str(matrix.dtype).endswith("float32"), f"{name}: intrinsics must be float32, got {matrix.dtype}"
        assert tuple(matrix.shape) == (3, 3), f"{name}: intrinsics are {tuple(matrix.shape)}, not (3, 3)"
        assert matrix[2].tolist() == [0, 0, 1] and matrix[0, 0] > 0 and matrix[1, 1] > 0, f"{name}: intrinsics {matrix}"
    assert sample.get("baseline", 1) > 0, f"{name}: baseline must be positive, got {sample['baseline']}"


def same(first, second) -> bool:
    """Equal to the bit, for arrays, tensors, dicts of them, and plain values."""
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    return type(first) is type(second) and bool(np.array_equal(first, second))


def check_dataset(dataset: Dataset) -> None:
    """A dataset's samples keep the contract, follow from their `SampleIndex` alone, and can be made in a worker."""
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
        lost = sample.keys() - out.keys()
        assert not lost, f"{name} loses {sorted(lost)}"
        if isinstance(out["image"], Tensor):
            check_sample(out, name)
        else:
            check_arrays(out, name)


def check_arrays(sample: dict, name: str) -> None:
    """A working sample, arrays in HWC, can go on through a pipeline."""
    for key in {"image", "image_right"} & sample.keys():
        array = sample[key]
        assert array.dtype == np.uint8 and array.ndim == 3 and array.shape[2] == 3, (
            f"{name}: {key} must be uint8 (H, W, 3), got {array.dtype} {array.shape}"
        )
    for key, dtype in (("depth", np.float32), ("valid_mask", np.bool_)):
        if key in sample:
            array = sample[key]
            assert array.dtype == dtype and array.ndim == 2, f"{name}: {key} is {array.dtype} {array.shape}"
    if "depth" in sample:
        depth, valid = sample["depth"], sample["valid_mask"]
        assert depth.shape == valid.shape, f"{name}: depth is {depth.shape}, valid_mask {valid.shape}"
        assert np.isfinite(depth).all(), f"{name}: depth is not finite"
        assert not depth[~valid].any(), f"{name}: depth must be 0 where valid_mask is False"
    check_camera(sample, name)
