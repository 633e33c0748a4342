"""What the tests of losses share. Each opens with value, gradient, empty, half precision, battery, what is missing."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from support.user_errors import user_error

__all__ = [
    "HALF_TYPES",
    "assert_empty",
    "assert_gradient",
    "assert_half_precision",
    "assert_relative_inputs_are_named",
    "fitted",
    "normalized",
    "random_batch",
    "random_stereo",
    "sum_of_least",
    "tensors",
]

HALF_TYPES = [torch.float16, torch.bfloat16]


def random_batch(seed: int, shape=(3, 1, 12, 17), valid: float = 0.6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Prediction and target, float32 from 0.2 to 9, and the mask of a share of the pixels."""
    rng = np.random.default_rng(seed)
    prediction, target = (rng.uniform(0.2, 9, shape).astype(np.float32) for _ in range(2))
    return prediction, target, rng.random(shape) < valid


def tensors(*arrays: np.ndarray) -> list[Tensor]:
    """The arrays as tensors, of the same memory."""
    return [torch.from_numpy(array) for array in arrays]


def random_stereo(size=(8, 16), seed: int = 0) -> tuple[dict[str, Tensor], Tensor]:
    """Two random pairs of images, and a disparity that leaves them at both ends."""
    generator = torch.Generator().manual_seed(seed)
    targets = {key: torch.rand(2, 3, *size, generator=generator) for key in ("image", "image_right")}
    disparity = torch.empty(2, 1, *size).uniform_(-4, 8, generator=generator)
    return targets, disparity


def normalized(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Zero lower median and unit mean absolute deviation over the valid pixels, in float64."""
    values = values.astype(np.float64)
    chosen = np.sort(values[mask])
    centred = values - chosen[(len(chosen) - 1) // 2]
    return centred / np.abs(centred[mask]).mean()


def fitted(prediction: np.ndarray, target: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The prediction with the scale and shift of `numpy.linalg.lstsq` over the valid pixels, in float64."""
    prediction, target = prediction.astype(np.float64), target.astype(np.float64)
    matrix = np.stack([prediction[mask], np.ones(mask.sum())], 1)
    scale, shift = np.linalg.lstsq(matrix, target[mask], rcond=None)[0]
    return scale * prediction + shift


def sum_of_least(values: np.ndarray, trim: float) -> tuple[float, int]:
    """Sum of the values without the share `trim` of the largest, and how many are left."""
    left = np.sort(values)[: int((1 - trim) * len(values) + 1e-6)]
    return left.sum(), len(left)


def assert_gradient(
    loss: Callable[[Tensor], Tensor], formula: Callable[[np.ndarray], float], values: Tensor, step: float = 1e-6
) -> None:
    """The gradient is that of a formula in float64, by central differences at each pixel."""
    leaf = values.clone().requires_grad_()
    loss(leaf).backward()
    base = values.double().numpy()
    expected = np.zeros_like(base)
    for index in np.ndindex(base.shape):
        moved = base.copy()
        ends = []
        for sign in (1, -1):
            moved[index] = base[index] + sign * step
            ends.append(formula(moved))
        expected[index] = (ends[0] - ends[1]) / (2 * step)
    largest = np.abs(expected).max()
    assert largest > 1e-4
    np.testing.assert_allclose(leaf.grad.numpy(), expected, rtol=1e-3, atol=1e-4 * largest)


def assert_empty(loss: Callable[[Tensor], Tensor], values: Tensor) -> None:
    """Where nothing counts the loss is 0, and hangs on the graph with a gradient of 0."""
    leaf = values.clone().requires_grad_()
    value = loss(leaf)
    value.backward()
    assert value.item() == 0
    assert leaf.grad.abs().max() == 0


def assert_relative_inputs_are_named(loss: nn.Module) -> None:
    """Of a loss of relative inverse depth: the quantity and the targets that it needs."""
    values = torch.ones(1, 1, 2, 2)
    user_error(lambda: loss({"depth": values}, {}), "the head gives `depth`: use SiLogLoss")
    user_error(lambda: loss({"inverse_depth": values}, {"image": values}), "needs targets with `depth`")
    user_error(lambda: loss({"inverse_depth": values}, {"depth": values}), "needs targets with `valid_mask`")


def assert_half_precision(
    loss: Callable[[Tensor], Tensor], formula: Callable[[np.ndarray], float], values: Tensor, rel: float
) -> None:
    """A prediction of half precision gives the float32 value of the formula in float64 at the rounded numbers."""
    value = loss(values)
    assert values.dtype in HALF_TYPES and value.dtype == torch.float32
    assert value.item() == pytest.approx(formula(values.double().numpy()), rel=rel)
