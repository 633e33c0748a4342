"""How losses read predictions and targets: what they need is there, of one size and in one unit, or the error says so.

The errors do not name the loss: whoever calls it does, as `Estimator` does by the loss's name in the config.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from mdetools.contract import QUANTITIES, quantity_of
from mdetools.errors import UserError
from mdetools.geometry import depth_to_disparity, disparity_to_depth, focal_at_width

__all__ = [
    "camera_at_width",
    "disparity_pyramid",
    "has_pair",
    "inverse_depth_target",
    "metric_depth",
    "relative_inverse_depth",
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
    raise UserError(f"needs a prediction of `{name}`; the head gives `{given.name}`: use {given.losses}")


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
        Focal length (B,) in pixels of that width, baseline (B,) in metres, and bool (B,): whether they are known; both
        are 1 where they are not.

    Raises:
        UserError: if the targets have no camera.
    """
    image_width = require_target(targets, "image").shape[-1]
    focal = focal_at_width(require_target(targets, "intrinsics"), image_width, width)
    baseline = require_target(targets, "baseline")
    known = focal.isfinite() & baseline.isfinite()
    return focal.nan_to_num(nan=1.0), baseline.nan_to_num(nan=1.0), known


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
    return require_target(targets, "depth").float().clamp(min=eps).reciprocal()


def metric_depth(prediction: Mapping, targets: Mapping) -> tuple[Tensor, Tensor, Tensor]:
    """Depth, predicted and wanted: what a head predicts, or what follows from its disparity, at the target's size.

    Args:
        prediction: a `Prediction`.
        targets: a `Targets`; for a disparity with `image`, whose width the focal length belongs to.

    Returns:
        The prediction, a disparity being resized before it becomes depth, and the target's `depth`, both (B, 1, H, W) in
        metres; and bool (B, 1, H, W), the pixels to compare: those of `valid_mask`, for a disparity of images whose
        camera is known.

    Raises:
        UserError: if the head gives neither, or the targets lack `depth`, `valid_mask` or, for a disparity, the camera.
    """
    name = "disparity" if "disparity" in prediction else "depth"
    values = require_prediction(prediction, name)
    target, valid_mask = require_target(targets, "depth"), require_target(targets, "valid_mask")
    size = target.shape[-2:]
    if name == "depth":
        return QUANTITIES["depth"].resize(values, size), target, valid_mask
    focal, baseline, known = camera_at_width(targets, size[1])
    depth = disparity_to_depth(QUANTITIES["disparity"].resize(values.float(), size), focal, baseline)
    return depth, target, valid_mask & known[:, None, None, None]


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
    values = require_prediction(prediction, "disparity" if "disparity" in prediction else "inverse_depth")
    target = inverse_depth_target(targets)
    # A disparity's values need not follow its width here, as their scale is free.
    return QUANTITIES["inverse_depth"].resize(values, target.shape[-2:]), target


def disparity_pyramid(prediction: Mapping, targets: Mapping) -> list[Tensor]:
    """The predicted disparities, fine to coarse: the head's `pyramid`, or its one map.

    Args:
        prediction: a `Prediction` with `disparity`, or with `depth`, which becomes disparity at each map's width.
        targets: a `Targets`; for a depth with `image`, `intrinsics` and `baseline`.

    Returns:
        Maps (B, 1, h, w), float32, each in pixels of its own width.

    Raises:
        UserError: if the head gives neither, or the targets lack the camera that a depth needs.
    """
    name = "depth" if "depth" in prediction else "disparity"
    finest = require_prediction(prediction, name)
    pyramid = [values.float() for values in prediction.get("pyramid", [finest])]
    if name == "disparity":
        return pyramid
    return [depth_to_disparity(depth, *camera_at_width(targets, depth.shape[-1])[:2]) for depth in pyramid]


def has_pair(prediction: Mapping, targets: Mapping) -> Tensor:
    """Which images of a batch can be rebuilt from the right image of their pair.

    Args:
        prediction: a `Prediction`; with a `depth` the camera must be known too.
        targets: a `Targets` with `image_right`, black where an image is alone.

    Returns:
        bool (B, 1, 1, 1).
    """
    there = torch.any(require_target(targets, "image_right").flatten(1), 1)
    if "depth" in prediction:
        there = there & camera_at_width(targets, 1)[2]
    return there[:, None, None, None]
