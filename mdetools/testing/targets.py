"""Made-up batches with every key of the contract, and made-up predictions."""

import torch
from torch import Tensor

from mdetools.contract import FIELDS, QUANTITIES, Field, Prediction, Targets

__all__ = ["CLASSES", "example_prediction", "example_targets"]

CLASSES = 5  # of `semantic`, `label`, logits and scores

# Ranges in which made-up predictions lie.
SPANS = {"depth": (0.5, 9.0), "inverse_depth": (0.1, 1.0), "disparity": (0.5, 4.0)}
SPAN = (-3.0, 3.0)


def example_targets(size: tuple[int, int] = (24, 32)) -> Targets:
    """Two random images with every key of `Targets`, consistent with each other; a fifth of the pixels is invalid.

    >>> example_targets((4, 6))["depth"].shape
    torch.Size([2, 1, 4, 6])
    """
    rng = torch.Generator().manual_seed(0)
    shape = (2, 1, *size)
    valid = torch.rand(shape, generator=rng) < 0.8
    depth = (1 + 8 * torch.rand(shape, generator=rng)) * valid
    focal, (height, width) = float(size[1]), size
    intrinsics = torch.tensor([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]])
    targets = {
        "image": torch.rand(2, 3, *size, generator=rng),
        "image_right": torch.rand(2, 3, *size, generator=rng),
        "depth": depth,
        "inverse_depth": torch.where(valid, 1 / depth, 0),
        "valid_mask": valid,
        "region": torch.zeros(shape, dtype=torch.int64),
        "intrinsics": intrinsics.expand(2, 3, 3),
        "baseline": torch.full((2,), 0.5),
        "meta": {"id": ["first", "second"]},
    }
    classes = torch.randint(CLASSES, shape, generator=rng)
    corner = torch.tensor([width - 1.0, height - 1.0])
    return targets | {
        "image_clean": targets["image"].clone(),
        "sky": ~valid & (classes == 0),
        "semantic": torch.where(valid, classes, FIELDS["semantic"].hole),
        "size": torch.tensor([size, size]),
        "label": torch.tensor([1, CLASSES - 1]),
        "unlabelled": torch.tensor([False, False]),
        "point_pairs": torch.rand(2, 3, 2, 2, generator=rng) * corner,
        "features": torch.randn(2, 8, 3, 4, generator=rng),
        **{name: random_map(field, size, rng) for name, field in FIELDS.items() if is_plugins_map(name, targets)},
    }


def is_plugins_map(name: str, targets: Targets) -> bool:
    """Whether a field is a map of numbers that mdetools does not know."""
    field = FIELDS[name]
    return field.kind == "map" and name not in ("semantic", *targets) and field.dtype.is_floating_point


def random_map(field: Field, size: tuple[int, int], rng: torch.Generator) -> Tensor:
    """Values of a map in -1..1."""
    return 2 * torch.rand(2, field.channels, *size, generator=rng) - 1


def example_prediction(quantity: str, targets: Targets) -> Tensor:
    """A random prediction of a quantity for a batch: a map of its maps' size, or a row of scores per image."""
    count, truth = len(targets["image"]), targets.get(QUANTITIES[quantity].truth)
    if truth is None or truth.ndim < 4:
        shape = (count, CLASSES)
    else:
        shape = (count, truth.shape[1] if truth.is_floating_point() else CLASSES, *truth.shape[-2:])
    rng = torch.Generator().manual_seed(1)
    return torch.empty(shape).uniform_(*SPANS.get(quantity, SPAN), generator=rng)


def results_of(prediction: Prediction) -> list[dict[str, Tensor]]:
    """What the model gives in "predict" mode: a dict per image, without the batch's axis."""
    return [dict(zip(prediction, values, strict=True)) for values in zip(*prediction.values(), strict=True)]
