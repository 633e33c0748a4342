"""One image under a protocol: the depth that is compared, and its scores."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mdetools.contract import quantity_of
from mdetools.errors import UserError
from mdetools.evaluation.measures import MEASURES
from mdetools.evaluation.protocols import PROTOCOLS, Protocol
from mdetools.geometry import (
    apply_scale_shift,
    invert,
    least_squares_scale_shift,
    median_scale,
    median_scale_shift,
)

__all__ = ["evaluate_image", "scored_depth"]


def scored_depth(prediction: Mapping[str, Tensor], depth: Tensor, valid_mask: Tensor, protocol: Protocol) -> Tensor:
    """The depth that a protocol compares: fitted to the true depth on the pixels that count, then clamped to the caps.

    Args:
        prediction: with `depth` (metres), or a relative quantity that grows towards the camera; (1, H, W).
        depth: ground truth (1, H, W), metres.
        valid_mask: bool (1, H, W).
        protocol: which pixels count, and how the prediction is aligned.

    Returns:
        float32 (1, H, W), metres; of the whole image, the pixels outside the crop too.

    Raises:
        UserError: if the prediction is no depth, or a relative one meets a protocol that compares metres.
    """
    window = (..., *protocol.window(*depth.shape[-2:]))
    truth = depth[window]
    mask = protocol.in_range(truth, valid_mask[window])
    if protocol.alignment.endswith("disparity"):
        inverse = inverse_depth_of(prediction, protocol)
        fit = median_scale_shift if protocol.alignment == "median_disparity" else least_squares_scale_shift
        scale, shift = fit(inverse[window], invert(truth, protocol.min_depth), mask)
        aligned = invert(apply_scale_shift(inverse, scale, shift), 1 / protocol.max_depth)
    else:
        aligned = depth_of(prediction, protocol)
        if protocol.alignment == "median_depth":
            scale = median_scale(aligned[window], truth, mask)
            aligned = apply_scale_shift(aligned, scale, aligned.new_zeros(len(aligned)))
        elif protocol.alignment == "lstsq_depth":
            aligned = apply_scale_shift(aligned, *least_squares_scale_shift(aligned[window], truth, mask))
    return aligned.clamp(protocol.min_depth, protocol.max_depth)


def evaluate_image(
    prediction: Mapping[str, Tensor],
    depth: Tensor,
    valid_mask: Tensor,
    protocol: Protocol,
    measures: Sequence[str] = ("depth_errors",),
) -> Tensor:
    """Scores one image, without waiting for the device.

    Args:
        prediction: see `scored_depth`; at the ground truth's size and on its device.
        depth: ground truth (1, H, W), metres.
        valid_mask: bool (1, H, W).
        protocol: what counts, and how.
        measures: keys of `MEASURES`.

    Returns:
        float32, the columns of the measures in their order, then the number of pixels that counted; where that is 0,
        the columns mean nothing.

    Raises:
        UserError: if a relative prediction meets a protocol that compares metres.
    """
    window = (..., *protocol.window(*depth.shape[-2:]))
    predicted = scored_depth(prediction, depth, valid_mask, protocol)[window]
    truth = depth[window]
    mask = protocol.in_range(truth, valid_mask[window])
    values = []
    for measure in map(MEASURES.get, measures):
        scores = measure.function(predicted, truth, mask, protocol)
        values += [scores[column] for column in measure.columns]
    return torch.stack([*values, mask.sum()])


def depth_of(prediction: Mapping[str, Tensor], protocol: Protocol) -> Tensor:
    """Depth before alignment; of unknown scale where the prediction is relative."""
    if "depth" in prediction:
        return prediction["depth"].float()
    values = inverse_values(prediction)
    if protocol.alignment == "median_depth":
        return invert(values, torch.finfo(torch.float32).tiny)
    quantity = quantity_of(prediction)
    aligned = ", ".join(name for name, other in PROTOCOLS.items() if other.alignment == "lstsq_disparity")
    reason = "whose camera the data set does not give" if quantity.to_depth else "of unknown scale and shift"
    raise UserError(
        f"the model predicts '{quantity.name}', {reason}, but protocol '{protocol.name}' compares depth in metres; "
        f"take a protocol that aligns it, e.g. {aligned}"
        + (", or a data set with intrinsics and baseline" if quantity.to_depth else "")
    )


def inverse_depth_of(prediction: Mapping[str, Tensor], protocol: Protocol) -> Tensor:
    """Inverse depth before alignment, in 1 / metres where the model predicts metres."""
    if quantity_of(prediction).is_inverse:
        return inverse_values(prediction)
    if "depth" in prediction:
        return invert(prediction["depth"].float(), protocol.min_depth)
    return inverse_values(prediction)


def inverse_values(prediction: Mapping[str, Tensor]) -> Tensor:
    """What a model predicts, if that is inverse depth up to a scale and a shift, such as disparity."""
    quantity = quantity_of(prediction)
    if not quantity.is_inverse:
        raise UserError(
            f"the model predicts '{quantity.name}', which is not depth; take a metric for it in place of DepthMetric"
        )
    return prediction[quantity.name].float()
