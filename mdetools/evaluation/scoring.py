"""One image under a protocol: the depth that is compared, and its scores."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mdetools.contract import quantity_of
from mdetools.errors import UserError
from mdetools.evaluation.alignments import ALIGNMENTS
from mdetools.evaluation.measures import Measure, get_measure
from mdetools.evaluation.protocols import PROTOCOLS, Protocol, Selection
from mdetools.geometry import apply_scale_shift, invert

__all__ = ["evaluate_image", "scored_depth"]


def scored_depth(prediction: Mapping[str, Tensor], selection: Selection, protocol: Protocol) -> Tensor:
    """The depth that a protocol compares: fitted to the true depth on the pixels that count, then clamped to the caps.

    Args:
        prediction: with `depth` (metres), or a relative quantity that grows towards the camera; (1, H, W).
        selection: what `Protocol.select` took of the ground truth.
        protocol: how the prediction is aligned.

    Returns:
        float32 (1, H, W), metres; of the whole image, the pixels outside the crop too.

    Raises:
        UserError: if the prediction is no depth, or a relative one meets a protocol that compares metres.
    """
    window, depth, counted = selection
    alignment = ALIGNMENTS[protocol.alignment]
    values = inverse_depth_of(prediction, protocol) if alignment.inverse else depth_of(prediction, protocol)
    if alignment.fit is not None:
        truth = invert(depth, protocol.min_depth) if alignment.inverse else depth
        values = apply_scale_shift(values, *alignment.fit(values[window], truth, counted))
    if alignment.inverse:
        values = invert(values, 1 / protocol.max_depth)
    return values.clamp(protocol.min_depth, protocol.max_depth)


def evaluate_image(
    prediction: Mapping[str, Tensor],
    depth: Tensor,
    valid_mask: Tensor,
    protocol: Protocol,
    measures: Sequence[str | Mapping | Measure] = ("depth_errors",),
) -> Tensor:
    """Scores one image, without waiting for the device.

    Args:
        prediction: see `scored_depth`; at the ground truth's size and on its device.
        depth: ground truth (1, H, W), metres.
        valid_mask: bool (1, H, W).
        protocol: what counts, and how.
        measures: see `get_measure`.

    Returns:
        float32, the columns of the measures in their order, then the number of pixels that counted; where that is 0,
        the columns mean nothing. A single column that the image has nothing for is `ABSENT`.

    Raises:
        UserError: if a relative prediction meets a protocol that compares metres.
    """
    selection = protocol.select(depth, valid_mask)
    window, true_depth, counted = selection
    predicted = scored_depth(prediction, selection, protocol)[window]
    values = []
    for measure in map(get_measure, measures):
        columns = measure.function(protocol, predicted, true_depth, counted)
        values += [columns[name] for name in measure.columns]
    return torch.stack([*values, counted.sum()])


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
