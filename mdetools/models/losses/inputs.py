"""How losses read predictions and targets: what they need is there, of one size and in one unit, or the error says so.

The errors do not name the loss: whoever calls it does, as `Estimator` does by the loss's name in the config.
"""

from collections.abc import Mapping

from torch import Tensor

from mdetools.contract import quantity_of
from mdetools.errors import UserError
from mdetools.geometry import camera_known, focal_at_width, invert
from mdetools.models.losses.parts import among

__all__ = [
    "camera_at_width",
    "depth_or_inverse",
    "inverse_depth_target",
    "metric_depth",
    "relative_inverse_depth",
    "relative_maps",
    "require_prediction",
    "require_target",
]


def require_prediction(prediction: Mapping, name: str) -> Tensor:
    """Reads the quantity that a loss compares.

    >>> require_prediction({"depth": 1.5}, "depth")
    1.5

    Args:
        prediction: a `Prediction`.
        name: a key of `QUANTITIES`, or another that a head may give.

    Returns:
        As the head gave it.

    Raises:
        UserError: if the head gives another quantity; it names a loss that fits that one.
    """
    if name in prediction:
        return prediction[name]
    given = quantity_of(prediction)
    raise UserError(f"needs a prediction of `{name}`; the head gives `{given.name}`: use {given.suggested_loss}")


def require_target(targets: Mapping, name: str) -> Tensor:
    """Reads the target that a loss compares with.

    Args:
        targets: a `Targets`.
        name: of the target.

    Returns:
        As the data set gave it.

    Raises:
        UserError: if the data set does not give it.
    """
    if name not in targets:
        raise UserError(
            f"needs targets with `{name}`; the data set gives {', '.join(targets)}: use a data set that has it"
        )
    return targets[name]


def camera_at_width(targets: Mapping, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """The camera of each rectified pair, for maps of a width that show the whole image.

    Args:
        targets: a `Targets` with `image`, `intrinsics` and `baseline`.
        width: of the maps, pixels.

    Returns:
        Focal length (B,) in pixels of that width, baseline (B,) in metres, and bool (B,): whether both are known. What
        is not known is 1.

    Raises:
        UserError: if the targets have no camera.
    """
    image_width = require_target(targets, "image").shape[-1]
    intrinsics, baseline = require_target(targets, "intrinsics"), require_target(targets, "baseline")
    focal = focal_at_width(intrinsics, image_width, width)
    return focal.nan_to_num(nan=1.0), baseline.nan_to_num(nan=1.0), camera_known(intrinsics, baseline)


def inverse_depth_target(targets: Mapping, eps: float = 1e-6) -> Tensor:
    """The inverse depth to learn: `inverse_depth` if the targets have it (pseudo-labels), else 1 / `depth`.

    Args:
        targets: a `Targets`.
        eps: smallest depth that is inverted, metres.

    Returns:
        (B, 1, H, W), relative or 1/metres; meaningless where the mask is False.

    Raises:
        UserError: if the targets have neither.
    """
    if "inverse_depth" in targets:
        return targets["inverse_depth"]
    return invert(require_target(targets, "depth").float(), eps)


def metric_depth(prediction: Mapping, targets: Mapping) -> tuple[Tensor, Tensor, Tensor]:
    """Depth, predicted and wanted: what a head predicts, or what follows from its disparity, at the target's size.

    Args:
        prediction: a `Prediction`.
        targets: a `Targets`; for a disparity with `image`, whose width the focal length belongs to.

    Returns:
        The prediction, a disparity being resized before it becomes depth, and the target's `depth`, both (B, 1, H, W),
        metres; and bool (B, 1, H, W), the pixels to compare: those of `valid_mask`, for a disparity of images whose
        camera is known.

    Raises:
        UserError: if the head gives neither, or the targets lack `depth`, `valid_mask` or, for a disparity, the camera.
    """
    quantity = quantity_of(prediction)
    values = require_prediction(prediction, quantity.name if quantity.to_depth else "depth")
    target, valid_mask = require_target(targets, "depth"), require_target(targets, "valid_mask")
    values = quantity.resize(values.float(), target.shape[-2:])
    if quantity.to_depth is None:
        return values, target, valid_mask
    focal, baseline, known = camera_at_width(targets, target.shape[-1])
    return quantity.to_depth(values, focal, baseline), target, valid_mask & known[:, None, None, None]


def relative_inverse_depth(prediction: Mapping, targets: Mapping) -> tuple[Tensor, Tensor]:
    """Inverse depth of unknown scale, predicted and wanted, at the target's size; a disparity is one too.

    Args:
        prediction: a `Prediction`.
        targets: a `Targets`.

    Returns:
        The prediction and `inverse_depth_target`, both (B, 1, H, W).

    Raises:
        UserError: if the head gives neither `inverse_depth` nor `disparity`, or the targets neither `inverse_depth`
            nor `depth`.
    """
    quantity = quantity_of(prediction)
    values = prediction[quantity.name] if quantity.is_inverse else require_prediction(prediction, "inverse_depth")
    target = inverse_depth_target(targets)
    return quantity.resize(values, target.shape[-2:]), target


def relative_maps(
    prediction: Mapping, targets: Mapping, on: str | None = None, per_region: bool = False
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """What losses of relative inverse depth compare.

    Args:
        prediction: a `Prediction`.
        targets: a `Targets`.
        on: "labelled", "unlabelled" or None, the samples that count.
        per_region: whether the regions of an image have scales and shifts of their own.

    Returns:
        The two of `relative_inverse_depth`; bool (B, 1, H, W), the pixels to compare; and `region` (B, 1, H, W), int64,
        or None if the targets have none or it does not matter.

    Raises:
        UserError: as `relative_inverse_depth`; or if the targets lack `valid_mask`, or `region` has another size.
    """
    values, target = relative_inverse_depth(prediction, targets)
    mask = among(require_target(targets, "valid_mask"), targets, on)
    region = targets.get("region") if per_region else None
    if region is not None and region.shape != target.shape:
        sizes = ["x".join(map(str, one.shape[-2:])) for one in (region, target)]
        raise UserError(
            f"`region` is {sizes[0]} and the target {sizes[1]}; set resize_depth=True in the pipeline's Resize"
        )
    return values, target, mask, region


def depth_or_inverse(prediction: Mapping, targets: Mapping, on: str | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """What losses compare that take a map as it is: metric depth, or the inverse depth of a head that predicts that.

    Args:
        prediction: a `Prediction`.
        targets: a `Targets`.
        on: "labelled", "unlabelled" or None, the samples that count.

    Returns:
        For a head of `inverse_depth` the two of `relative_inverse_depth`, else those of `metric_depth`; and bool
        (B, 1, H, W), the pixels to compare.

    Raises:
        UserError: as those, or if the targets lack `valid_mask`.
    """
    if quantity_of(prediction).relative:
        return relative_maps(prediction, targets, on)[:3]
    values, target, mask = metric_depth(prediction, targets)
    return values, target, among(mask, targets, on)
