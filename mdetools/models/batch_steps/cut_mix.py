"""CutMix: a box of each image is replaced by the same box of another image of the batch."""

import math

import torch
from torch import Tensor

from mdetools.contract import FIELDS, Targets, names_of
from mdetools.errors import UserError
from mdetools.models.batch_steps.parts import check_part, chosen_samples, next_of
from mdetools.registry import BATCH_STEPS

__all__ = ["CutMix", "random_boxes"]

KEPT = ("size", "unlabelled")  # of a whole image, and true of a mixed one
TRIES = 10  # boxes drawn for an image before the last one is cut to fit


def random_boxes(
    count: int, height: int, width: int, area: tuple[float, float], aspect: tuple[float, float]
) -> list[tuple[int, int, int, int]]:
    """Draws boxes from torch's generator: the area uniform, the aspect log-uniform, the place uniform.

    Args:
        count: number of boxes.
        height: of the image, pixels.
        width: of the image, pixels.
        area: range of the box's area, as a part of the image's.
        aspect: range of the box's width / height.

    Returns:
        For each box top, left, height and width, pixels; it lies in the image.
    """
    boxes = []
    for _ in range(count):
        for _ in range(TRIES):
            draws = torch.rand(4, dtype=torch.float64).tolist()
            size = (area[0] + draws[0] * (area[1] - area[0])) * height * width
            ratio = aspect[0] * (aspect[1] / aspect[0]) ** draws[1]
            rows, columns = round(math.sqrt(size / ratio)), round(math.sqrt(size * ratio))
            if rows <= height and columns <= width:
                break
        rows, columns = min(max(rows, 1), height), min(max(columns, 1), width)
        boxes.append((int(draws[2] * (height - rows + 1)), int(draws[3] * (width - columns + 1)), rows, columns))
    return boxes


@BATCH_STEPS.register_module()
class CutMix:
    """Pastes a random box of the next image of the batch into each image, with its maps.

    Yun et al., "CutMix", ICCV 2019, as Depth Anything (Yang et al., CVPR 2024, section 3.2) trains its student: each
    pixel keeps its own target, and `region` says which image a pixel comes from, 0 for the image's own and 1 for the
    other one, so that a loss can normalise them apart. `image_clean` stays clean; `PseudoLabels` come
    before, so that they are cut as the images are.

    What holds for a whole image, or for one camera, no longer does: intrinsics, baseline, right image and label are
    dropped, in every training batch, mixed or not; with `on`, they become holes in the samples that may be mixed. Of
    point pairs those that the box touches become holes. The defaults are those of UniMatch (Yang et al., CVPR 2023), by
    the same authors.

    Args:
        prob: probability that a batch is mixed.
        area: range of the box's area, as a part of the image's.
        aspect: range of the box's width / height.
        on: "unlabelled" mixes these samples with each other, and leaves the labelled ones as they are; None mixes all.

    Raises:
        UserError: if a range is not one, or there is no such part of a batch.
    """

    def __init__(
        self,
        prob: float = 0.5,
        area: tuple[float, float] = (0.02, 0.4),
        aspect: tuple[float, float] = (0.3, 1 / 0.3),
        on: str | None = None,
    ) -> None:
        if not 0 < area[0] <= area[1] <= 1 or not 0 < aspect[0] <= aspect[1]:
            raise UserError(
                f"CutMix: area is {tuple(area)} and aspect {tuple(aspect)}; expected ranges within 0..1 and above 0"
            )
        self.prob = prob
        self.area = tuple(area)
        self.aspect = tuple(aspect)
        self.on = check_part(on, type(self).__name__)

    def __call__(self, targets: Targets, training: bool) -> Targets:
        """Returns the mixed batch; one that is not for training as it was.

        Raises:
            UserError: if a map has not the image's size, or the batch does not say which samples are unlabelled.
        """
        if not training:
            return targets
        image = targets["image"]
        count, _, height, width = image.shape
        chosen = chosen_samples(targets, self.on, type(self).__name__)
        mixed = without_whole_images(targets, None if self.on is None else chosen)
        inside = torch.zeros(count, 1, height, width, dtype=torch.bool, device=image.device)
        if count > 1 and torch.rand(()).item() < self.prob:
            boxes = random_boxes(count, height, width, self.area, self.aspect)
            for mask, (top, left, rows, columns) in zip(inside, boxes, strict=True):
                mask[:, top : top + rows, left : left + columns] = True
        partner = next_of(chosen)
        alone = partner == torch.arange(count, device=partner.device)
        inside &= ~alone.view(-1, 1, 1, 1)
        for name in ["image", *names_of(mixed, "map")]:
            mixed[name] = paste(name, mixed[name], inside, partner)
        for name in names_of(mixed, "points"):
            mixed[name] = without_touched(mixed[name], inside, FIELDS[name].hole)
        return mixed | {"region": inside.long()}


def without_whole_images(targets: Targets, chosen: Tensor | None) -> Targets:
    """The batch without what holds for whole images.

    Args:
        targets: the batch.
        chosen: bool (B,), the samples in which it becomes a hole; None drops the keys.
    """
    names = [name for name in names_of(targets, "camera", "value") if name not in KEPT]
    names += ["image_right"] if "image_right" in targets else []
    if chosen is None:
        return {name: value for name, value in targets.items() if name not in names}
    holes = {name: targets[name].masked_fill(of_sample(chosen, targets[name]), FIELDS[name].hole) for name in names}
    return {**targets, **holes}


def of_sample(chosen: Tensor, values: Tensor) -> Tensor:
    """A flag per sample (B,) in the form (B, 1, ...) of values (B, ...)."""
    return chosen.view(-1, *[1] * (values.ndim - 1))


def paste(name: str, values: Tensor, inside: Tensor, partner: Tensor) -> Tensor:
    """Values (B, C, H, W), inside the boxes those of each image's partner (B,)."""
    if values.shape[-2:] != inside.shape[-2:]:
        raise UserError(
            f"CutMix: '{name}' is {'x'.join(map(str, values.shape[-2:]))} and the image "
            f"{'x'.join(map(str, inside.shape[-2:]))}; set resize_depth=True in the pipeline's Resize"
        )
    return torch.where(inside, values[partner], values)


def without_touched(points: Tensor, inside: Tensor, hole: float) -> Tensor:
    """Points (B, N, ..., 2), those entries replaced by the hole of which a position lies in a box (B, 1, H, W)."""
    pixels = points.nan_to_num().round().long()
    columns, rows = (pixels[..., axis].clamp(0, inside.shape[-1 - axis] - 1) for axis in (0, 1))
    batch = torch.arange(len(points), device=points.device).view(-1, *[1] * (points.ndim - 2))
    touched = inside[batch, 0, rows, columns].flatten(2).any(2)
    return points.masked_fill(touched.view(*touched.shape, *[1] * (points.ndim - 2)), hole)
