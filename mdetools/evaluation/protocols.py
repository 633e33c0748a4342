"""Named evaluation protocols: which pixels count, how a prediction is aligned, and what is computed on it.

Numbers of two protocols are not comparable, so the protocol travels with every result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import torch
from torch import Tensor

from mdetools.errors import UserError
from mdetools.evaluation.functional.crops import CROPS, crop_box
from mdetools.evaluation.functional.depth_errors import METRIC_NAMES, SILOG_DEFINITIONS, SILOG_FORMULAS, depth_metrics
from mdetools.geometry.alignment import (
    apply_scale_shift,
    invert,
    least_squares_scale_shift,
    median_scale,
    median_scale_shift,
)

__all__ = ["ALIGNMENTS", "PROTOCOLS", "Protocol", "evaluate_image", "get_protocol", "metric_depth"]

PREDICTION_KEYS = ("depth", "inverse_depth", "disparity")

ALIGNMENTS = {
    "none": "none",
    "median_depth": "scale by medians, in depth",
    "median_disparity": "scale and shift by median and mean absolute deviation, in inverse depth",
    "lstsq_depth": "scale and shift by least squares, in depth",
    "lstsq_disparity": "scale and shift by least squares, in inverse depth",
}


@dataclass(frozen=True)
class Protocol:
    """How predictions are compared with ground truth.

    A pixel counts if it is valid, lies inside the crop, and its true depth is in `min_depth`..`max_depth`, both
    included. Alignment sees exactly these pixels. The aligned prediction is clamped to the same caps.

    Args:
        name: the key in `PROTOCOLS`.
        min_depth: metres, above 0.
        max_depth: metres.
        crop: None, or a key of `CROPS`.
        alignment: a key of `ALIGNMENTS`.
        silog: a key of `SILOG_DEFINITIONS`.

    Raises:
        UserError: for a crop, alignment or silog that does not exist, or caps that are not 0 < min < max.
    """

    name: str
    min_depth: float
    max_depth: float
    crop: str | None = None
    alignment: str = "none"
    silog: str = "kitti"

    def __post_init__(self):
        for field, allowed in (("crop", [None, *CROPS]), ("alignment", ALIGNMENTS), ("silog", SILOG_DEFINITIONS)):
            value = getattr(self, field)
            if value not in allowed:
                names = ", ".join(map(str, allowed))
                raise UserError(f"protocol '{self.name}' has {field}={value!r}; expected one of: {names}")
        if not 0 < self.min_depth < self.max_depth:
            raise UserError(
                f"protocol '{self.name}' has depths {self.min_depth:g}..{self.max_depth:g} m; "
                "expected 0 < min_depth < max_depth"
            )

    def describe(self) -> str:
        """The line that is printed beside every result."""
        return (
            f"protocol {self.name}: depth {self.min_depth:g}..{self.max_depth:g} m, crop {self.crop or 'none'}, "
            f"alignment {ALIGNMENTS[self.alignment]}, silog = {SILOG_FORMULAS[self.silog]}"
        )


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol("nyu", 1e-3, 10.0, silog="half"),
        Protocol("nyu_eigen", 1e-3, 10.0, crop="nyu_eigen"),
        Protocol("nyu_median", 1e-3, 10.0, alignment="median_depth"),
        Protocol("nyu_median_disparity", 1e-3, 10.0, alignment="median_disparity"),
        Protocol("nyu_lstsq_depth", 1e-3, 10.0, alignment="lstsq_depth"),
        Protocol("nyu_lstsq_disparity", 1e-3, 10.0, alignment="lstsq_disparity"),
        Protocol("kitti_garg_50", 1.0, 50.0, crop="garg"),
        Protocol("kitti_garg_80", 1e-3, 80.0, crop="garg"),
        Protocol("kitti_eigen_80", 1e-3, 80.0, crop="eigen"),
        Protocol("kitti_garg_80_median", 1e-3, 80.0, crop="garg", alignment="median_depth"),
        Protocol("kitti_garg_80_lstsq_disparity", 1e-3, 80.0, crop="garg", alignment="lstsq_disparity"),
    )
}


def get_protocol(name: str) -> Protocol:
    """The protocol called `name`.

    Raises:
        UserError: if there is none; it names the nearest right one.
    """
    if name not in PROTOCOLS:
        near = get_close_matches(name, PROTOCOLS, n=1, cutoff=0.4)
        hint = f"did you mean '{near[0]}'? All" if near else "expected one"
        raise UserError(f"no evaluation protocol is called '{name}'; {hint}: {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]


def metric_depth(prediction: Mapping[str, Tensor], target: Tensor, valid_mask: Tensor, protocol: Protocol) -> Tensor:
    """Depth in metres that a prediction stands for under a protocol: aligned, then clamped to the caps.

    Args:
        prediction: exactly one of `depth` (metres), `inverse_depth` (relative) or `disparity` (pixels), (1, H, W).
        target: (1, H, W), metres.
        valid_mask: bool (1, H, W), the pixels to align on.
        protocol: its crop is not applied here.

    Returns:
        float32 (1, H, W), metres.

    Raises:
        UserError: if a relative prediction meets a protocol that compares metres.
    """
    if protocol.alignment.endswith("disparity"):
        inverse = _inverse_depth(prediction, protocol)
        fit = median_scale_shift if protocol.alignment == "median_disparity" else least_squares_scale_shift
        scale, shift = fit(inverse, invert(target, protocol.min_depth), valid_mask)
        depth = invert(apply_scale_shift(inverse, scale, shift), 1 / protocol.max_depth)
    else:
        depth = _depth(prediction, protocol)
        if protocol.alignment == "median_depth":
            depth = apply_scale_shift(depth, median_scale(depth, target, valid_mask), depth.new_zeros(len(depth)))
        elif protocol.alignment == "lstsq_depth":
            depth = apply_scale_shift(depth, *least_squares_scale_shift(depth, target, valid_mask))
    return depth.clamp(protocol.min_depth, protocol.max_depth)


def evaluate_image(prediction: Mapping[str, Tensor], depth: Tensor, valid_mask: Tensor, protocol: Protocol) -> Tensor:
    """Scores one image, without waiting for the device.

    Args:
        prediction: exactly one of `depth` (metres), `inverse_depth` (relative) or `disparity` (pixels), (1, H, W), at
            the ground truth's size and on its device.
        depth: ground truth (1, H, W), metres.
        valid_mask: bool (1, H, W).
        protocol: what counts, and how.

    Returns:
        float32 (len(METRIC_NAMES) + 1,): the measures in the order of `METRIC_NAMES`, then the number of pixels that
        counted; where that is 0, the measures mean nothing.

    Raises:
        UserError: if a relative prediction meets a protocol that compares metres.
    """
    if protocol.crop is not None:
        top, bottom, left, right = crop_box(protocol.crop, *depth.shape[-2:])
        window = (..., slice(top, bottom), slice(left, right))
        prediction = {key: prediction[key][window] for key in PREDICTION_KEYS if key in prediction}
        depth, valid_mask = depth[window], valid_mask[window]
    mask = valid_mask & (depth >= protocol.min_depth) & (depth <= protocol.max_depth)
    predicted = metric_depth(prediction, depth, mask, protocol)
    measures = depth_metrics(predicted, depth, mask, protocol.silog)
    return torch.stack([measures[name] for name in METRIC_NAMES] + [mask.sum()])


def _depth(prediction: Mapping[str, Tensor], protocol: Protocol) -> Tensor:
    """Depth before alignment; of unknown scale where the prediction is relative."""
    if "depth" in prediction:
        return prediction["depth"].float()
    key = _relative_key(prediction)
    if protocol.alignment != "median_depth":
        aligned = ", ".join(name for name, other in PROTOCOLS.items() if other.alignment == "lstsq_disparity")
        raise UserError(
            f"the model predicts '{key}', of unknown scale and shift, but protocol '{protocol.name}' compares depth in "
            f"metres; a relative model needs a protocol that aligns it, e.g. {aligned}"
        )
    return invert(prediction[key].float(), torch.finfo(torch.float32).tiny)


def _inverse_depth(prediction: Mapping[str, Tensor], protocol: Protocol) -> Tensor:
    """Inverse depth before alignment, in 1 / metres where the prediction is metric."""
    if "depth" in prediction:
        return invert(prediction["depth"].float(), protocol.min_depth)
    return prediction[_relative_key(prediction)].float()


def _relative_key(prediction: Mapping[str, Tensor]) -> str:
    # A disparity that was not made metres (no baseline at hand) is inverse depth up to a scale.
    return "inverse_depth" if "inverse_depth" in prediction else "disparity"
