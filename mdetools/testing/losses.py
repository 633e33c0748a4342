"""The battery of losses."""

import copy
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from mdetools.contract import FIELDS, Prediction, Targets
from mdetools.geometry import depth_to_disparity
from mdetools.testing.targets import example_prediction, example_targets

__all__ = ["check_loss"]


def unknown(targets: Targets, *names: str) -> Targets:
    """The targets with holes under these names, as collation fills them in."""
    return {**targets, **{name: torch.full_like(targets[name], FIELDS[name].hole) for name in names}}


def loss_cases(quantity: str) -> Iterator[tuple[str, Tensor, Targets]]:
    """Predictions of `quantity` for two images with targets: the ordinary one, and those that break losses."""
    targets = example_targets()
    valid = targets["valid_mask"]
    values = example_prediction(quantity, targets)
    high = values.max().item()
    yield "random", values, targets
    yield "empty mask", values, unknown(targets, "valid_mask", "semantic", "label", "point_pairs", "features")
    for count in (1, 2):
        few = torch.zeros_like(valid).flatten(1)
        for row, chosen in zip(few, valid.flatten(1), strict=True):
            row[chosen.nonzero()[:count, 0]] = True
        yield f"{count} valid pixel(s)", values, {**targets, "valid_mask": few.view_as(valid)}
    yield "constant prediction", torch.full_like(values, high), targets
    flat = dict.fromkeys(("depth", "inverse_depth"), valid * abs(high))
    yield "constant target", values, {**targets, **flat}
    yield "constant prediction and target", torch.full_like(values, high), {**targets, **flat}
    yield "zeros", torch.zeros_like(values), targets
    yield "a camera that is not known", values, unknown(targets, "intrinsics", "baseline", "image_right")
    if quantity == "disparity":
        width = values.shape[-1]
        for sign in (1, -1):  # beyond the left border, and beyond the right one
            yield "all leave the image", torch.full_like(values, sign * 2.0 * width), targets
        yield "very far out", values * 1e6, targets
    yield "float16", values.half(), targets
    yield "bfloat16", values.bfloat16(), targets


def perfect_values(quantity: str, targets: Targets) -> Tensor:
    """The prediction of `quantity` that the targets ask for: (2, 1, H, W)."""
    if quantity != "disparity":
        return targets[quantity].clone()
    return depth_to_disparity(targets["depth"], targets["intrinsics"][:, 0, 0], targets["baseline"])


def check_loss(
    loss: nn.Module,
    quantity: str,
    make_prediction: Callable[[Tensor], Prediction] | None = None,
    supervised: bool = True,
) -> None:
    """A loss is a finite float32 scalar with finite gradients for every input, and scales with its `weight`.

    Args:
        loss: what the registry built, on the CPU.
        quantity: the key of `Prediction` that it reads.
        make_prediction: the head's output for the values (2, 1, H, W) of `quantity`, a pyramid of theirs for instance;
            by default these alone.
        supervised: the loss compares `quantity` with the target inside `valid_mask`, or with a class: so it must be 0
            where nothing is known, and, for a target of the same quantity, not above 0 for the truth. False for
            photometric losses and regularisers.
    """
    name = type(loss).__name__
    make_prediction = make_prediction or (lambda values: {quantity: values})
    for case, values, targets in loss_cases(quantity):
        leaf = values.clone().requires_grad_()
        value = loss(make_prediction(leaf), targets)
        assert value.shape == () and value.dtype == torch.float32, (
            f"{name} ({case}): must be a float32 scalar, got {value.dtype} {tuple(value.shape)}"
        )
        assert value.isfinite(), f"{name} ({case}): the value is {value.item()}"
        assert value.requires_grad, f"{name} ({case}): the value is cut off from the graph"
        value.backward()
        assert leaf.grad is not None and leaf.grad.isfinite().all(), f"{name} ({case}): the gradient is not finite"
        if case == "random":
            assert leaf.grad.any(), f"{name} ({case}): the gradient is zero"
            doubled = copy.deepcopy(loss)
            doubled.weight = 2 * loss.weight
            torch.testing.assert_close(
                doubled(make_prediction(values), targets), 2 * value.detach(), msg=f"{name}.weight"
            )
            if supervised and (quantity in targets or quantity == "disparity"):
                truth = loss(make_prediction(perfect_values(quantity, targets)), targets).item()
                assert truth <= 1e-5, f"{name}: {truth} for a perfect prediction"
        if case == "empty mask" and supervised:
            assert value.item() == 0, f"{name} ({case}): expected 0, got {value.item()}"
