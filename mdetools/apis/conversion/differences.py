"""How much a model's map changes where another program runs it in that program's own way."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mdetools.apis.map_difference import map_difference
from mdetools.contract import QUANTITIES
from mdetools.datasets.transforms.geometric import Resize, lower_bound_size
from mdetools.models.layers import resample_pos_embed
from mdetools.registry import TRANSFORMS

__all__ = [
    "Difference",
    "Manner",
    "differences",
    "model_input",
    "official_manner",
    "predict",
    "processor_size",
    "transformers_manner",
]

Size = tuple[int, int]


class Manner(NamedTuple):
    """How a program gets a map from a picture.

    Attributes:
        name: of the program.
        offset: how it resamples position embeddings, see `resample_pos_embed`.
        size: the size at which it runs an image of (height, width).
        back: brings a map (B, 1, h, w) to the image's size.
    """

    name: str
    offset: float | None
    size: Callable[[int, int], Size]
    back: Callable[[Tensor, Size], Tensor]


class Difference(NamedTuple):
    """How far two maps of one picture lie apart, as shares of the range of the first.

    Attributes:
        what: the difference in the way in which they were made.
        largest: of a pixel.
        mean: over the pixels.
    """

    what: str
    largest: float
    mean: float

    def __str__(self) -> str:
        return f"{self.what}: up to {self.largest:.2%} of the map's range, {self.mean:.2%} on average"


def processor_size(height: int, width: int, size: Size, multiple_of: int, keep_aspect: bool) -> Size:
    """The size that transformers' `DPTImageProcessor` gives an image.

    It scales both sides by that of the two factors which changes the image less, so that a side may end below `size`,
    and rounds to the nearest multiple.

    >>> processor_size(240, 320, (518, 518), 14, True)
    (392, 518)
    """
    scale_y, scale_x = size[0] / height, size[1] / width
    if keep_aspect:
        scale_y = scale_x = scale_x if abs(1 - scale_x) < abs(1 - scale_y) else scale_y
    return tuple(
        round(scale * side / multiple_of) * multiple_of for scale, side in ((scale_y, height), (scale_x, width))
    )


def centred_bicubic(values: Tensor, size: Size) -> Tensor:
    """How transformers brings maps back."""
    return F.interpolate(values, size, mode="bicubic", align_corners=False)


def transformers_manner(resize: Resize) -> Manner:
    """The pipeline of transformers, with a folder that was written for a model of this `Resize`."""
    rule = (resize.size, resize.multiple_of, resize.keep_aspect)
    return Manner("transformers", None, lambda height, width: processor_size(height, width, *rule), centred_bicubic)


def official_manner(quantity: str) -> Manner:
    """Depth Anything's own `infer_image`, at its usual size."""
    return Manner(
        "Depth Anything's code",
        0.1,
        lambda height, width: lower_bound_size(height, width, (518, 518)),
        QUANTITIES[quantity].resize,
    )


def differences(model: nn.Module, resize: dict, theirs: Manner, picture: np.ndarray) -> list[Difference]:
    """The map of a picture in the model's own way, against the other program's: each difference alone, then all.

    Args:
        model: in eval mode, on the CPU.
        resize: config of its `Resize`.
        theirs: the other program.
        picture: uint8 (H, W, 3), RGB.

    Returns:
        Those that there are; none if both run the model in the same way at this size.
    """
    step = TRANSFORMS.build(dict(resize))
    quantity = model.head.output.quantity
    height, width = picture.shape[:2]
    own_size = lower_bound_size(height, width, step.size, step.multiple_of, step.keep_aspect)
    their_size = theirs.size(height, width)
    own = (own_size, model.backbone.pos_embed_offset, QUANTITIES[quantity].resize)
    trials = {}
    if not _same_embeddings(model, own_size, theirs.offset):
        trials[f"position embeddings as {theirs.name} resamples them, at {_pixels(own_size)}"] = (
            own_size,
            theirs.offset,
            own[2],
        )
    if (their_size, theirs.back) != (own_size, own[2]):
        told = f"run at {_pixels(their_size)} in place of {_pixels(own_size)}" if their_size != own_size else "resized"
        what = f"{told} and brought back to {_pixels((height, width))} as {theirs.name} does it"
        trials[what] = (their_size, own[1], theirs.back)
    if len(trials) == 2:
        trials["both"] = (their_size, theirs.offset, theirs.back)
    if not trials:
        return []
    base = predict(model, step, picture, *own).numpy()
    maps = {what: predict(model, step, picture, *way).numpy() for what, way in trials.items()}
    return [Difference(what, *map_difference(values, base)) for what, values in maps.items()]


def _same_embeddings(model: nn.Module, size: Size, offset: float | None) -> bool:
    vit, grid = model.backbone.vit, tuple(side // 14 for side in size)
    with torch.inference_mode():
        pair = (resample_pos_embed(vit.pos_embed, grid, one) for one in (model.backbone.pos_embed_offset, offset))
        return torch.equal(*pair)


def _pixels(size: Size) -> str:
    return f"{size[1]}x{size[0]}"


@torch.inference_mode()
def predict(
    model: nn.Module,
    step: Resize,
    picture: np.ndarray,
    size: Size,
    offset: float | None,
    back: Callable[[Tensor, Size], Tensor],
) -> Tensor:
    """The map (1, 1, H, W) of a picture, with the model run at `size`; its own `offset` is the same afterwards."""
    tensor = model_input(model, step, picture, size)
    before = model.backbone.pos_embed_offset
    model.backbone.pos_embed_offset = offset
    try:
        return back(model(tensor)[model.head.output.quantity], picture.shape[:2])
    finally:
        model.backbone.pos_embed_offset = before


def model_input(model: nn.Module, step: Resize, picture: np.ndarray, size: Size) -> Tensor:
    """A picture as the model takes it, (1, 3, *size), normalised; resized in floating point, as for predictions."""
    resized = step.resize_image(picture.astype(np.float32) / 255, *size)
    return model.data_preprocessor.normalize(torch.from_numpy(resized).permute(2, 0, 1)[None])
