"""Batteries of what has weights: backbones and heads."""

import copy
import io
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from mdetools.contract import QUANTITIES, quantity_of

__all__ = ["check_backbone", "check_head", "check_module"]


def check_backbone(backbone: nn.Module, image_size: tuple[int, int], tolerance: float = 1) -> None:
    """A backbone's maps are as it declares, and `check_module` holds.

    Args:
        backbone: what the registry built, on the CPU.
        image_size: (H, W), pixels.
        tolerance: how far, in its own pixels, a map may be from image size / stride.
    """
    name = type(backbone).__name__
    image = torch.randn(2, 3, *image_size, generator=torch.Generator().manual_seed(0))
    features = backbone.eval()(image)
    assert isinstance(features, list), f"{name} must return a list of maps, got {type(features).__name__}"
    declared = (len(backbone.channels), len(backbone.strides))
    assert declared == (len(features),) * 2, (
        f"{name} gives {len(features)} maps, declares (channels, strides) {declared}"
    )
    for level, (map_, channels, stride) in enumerate(zip(features, backbone.channels, backbone.strides, strict=True)):
        assert map_.ndim == 4, f"{name}: map {level} is {tuple(map_.shape)}, not NCHW"
        assert map_.shape[:2] == (2, channels), f"{name}: map {level} is {tuple(map_.shape)}, declared C = {channels}"
        off = max(abs(got - side / stride) for got, side in zip(map_.shape[2:], image_size, strict=True))
        assert off <= tolerance, f"{name}: map {level} is {tuple(map_.shape[2:])}, declared stride {stride}"
    check_module(backbone, image)


def check_head(head: nn.Module, features: list[Tensor], image_size: tuple[int, int]) -> None:
    """A head gives exactly one quantity, of the image's size if it is a map, and `check_module` holds.

    Args:
        head: what the registry built, on the CPU.
        features: maps (B, C, h, w) as a backbone gives them.
        image_size: (H, W) of the image that they come from. A head with a `pyramid` may give another size.
    """
    name = type(head).__name__
    features = [map_.detach() for map_ in features]
    prediction = head.eval()(features, image_size)
    given = [key for key in QUANTITIES if key in prediction]
    assert len(given) == 1, f"{name} must give exactly one of {', '.join(QUANTITIES)}, gave {given}"
    quantity = quantity_of(prediction)
    values, pyramid = prediction[quantity.name], prediction.get("pyramid")
    shape = tuple(values.shape)
    if values.ndim == 4:
        size = shape[2:] if pyramid else tuple(image_size)
        expected = (len(features[0]), shape[1], *size)
        assert shape == expected, f"{name}: {quantity.name} is {shape}, expected (B, C, H, W) = {expected}"
    assert shape[0] == len(features[0]), f"{name}: {quantity.name} is {shape}, expected {len(features[0])} images"
    if pyramid:
        widths = [level.shape[-1] for level in pyramid]
        assert widths == sorted(widths, reverse=True), f"{name}: the pyramid's widths are {widths}, not fine to coarse"
        assert torch.equal(pyramid[0], values), f"{name}: the pyramid does not begin with {quantity.name}"
    assert values.isfinite().all(), f"{name}: {quantity.name} is not finite"
    assert quantity.name != "depth" or (values > 0).all(), f"{name}: depth must be positive, got {values.min():.3g} m"
    check_module(head, features, image_size)


def check_module(module: nn.Module, *args) -> None:
    """In eval mode a module repeats itself, survives a round trip through a file, and uses all its parameters.

    A trainable parameter without a gradient would stop distributed training, which does not look for unused ones.
    """
    name = type(module).__name__
    module.eval()
    once = list(tensors(module(*args)))
    assert all(map(torch.equal, once, tensors(module(*args)))), f"{name}: two calls in eval mode differ"

    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    file.seek(0)
    twin = copy.deepcopy(module)
    for tensor in twin.state_dict().values():
        tensor.zero_()
    twin.load_state_dict(torch.load(file, weights_only=True))
    assert all(map(torch.equal, once, tensors(twin(*args)))), f"{name}: its state_dict does not restore its output"

    trainable = {key: parameter for key, parameter in twin.named_parameters() if parameter.requires_grad}
    if trainable:
        sum(output.float().sum() for output in tensors(twin(*args)) if output.requires_grad).backward()
    unused = [key for key, parameter in trainable.items() if parameter.grad is None]
    assert not unused, f"{name}: these parameters get no gradient: {', '.join(unused)}"


def tensors(output: Tensor | list | dict) -> Iterator[Tensor]:
    """All tensors of a backbone's or a head's output, in order."""
    if isinstance(output, Tensor):
        yield output
    else:
        for part in output.values() if isinstance(output, dict) else output:
            yield from tensors(part)
