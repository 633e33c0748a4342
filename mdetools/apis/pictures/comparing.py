"""Several models on the same images, as panels and scores."""

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from mdetools.apis.evaluation.metrics import protocol_under
from mdetools.apis.evaluation.naming import Candidate
from mdetools.apis.inference.result import Result
from mdetools.apis.opening import open_model
from mdetools.apis.pictures.truth import Photo, read_truth
from mdetools.contract import QUANTITIES, Quantity
from mdetools.engine.panels import compared_maps
from mdetools.errors import UserError
from mdetools.evaluation import ALIGNMENTS, DEPTH_ERRORS, Protocol, evaluate_image, get_protocol
from mdetools.visualization import ShownMap, model_panel

__all__ = ["Comparison", "compare_models", "comparison_from"]

FITTED = "lstsq_disparity"  # for relative maps, under a protocol that aligns nothing
ABS_REL = DEPTH_ERRORS.index("abs_rel")
MUCH = 0.1  # of a truth's pixels beyond a protocol's caps, which is told


@dataclass
class Comparison:
    """How models are compared, and what came of it.

    Attributes:
        protocol: which pixels of the truth count, and how maps are aligned to it; under one that aligns nothing, those
            that are relative are fitted by `FITTED`.
        depth_scale: see `read_truth`.
        depth_key: see `read_truth`.
        limits: metres of the first and of the last colour; None leaves one to the data.
        scores: of each image with a truth, by name, the abs_rel of each model by its label; NaN if no pixel counts.
        used: the protocol of each model, by its label.
    """

    protocol: Protocol
    depth_scale: float | None = None
    depth_key: str | None = None
    limits: tuple[float | None, float | None] = (None, None)
    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    used: dict[str, Protocol] = field(default_factory=dict)

    def footnote(self) -> str:
        """Which pixels count, and how maps were aligned; empty without a truth."""
        if not self.used:
            return ""
        text = self.protocol.describe().partition(", silog")[0]
        if any(used.alignment != self.protocol.alignment for used in self.used.values()):
            text += f" (of maps that are not in metres: {ALIGNMENTS[FITTED].description})"
        return f"{text}; abs_rel over the pixels of the error maps"


def comparison_from(options: Mapping) -> Comparison:
    """How models are compared, from the values of a command line.

    Raises:
        UserError: if there is no such protocol, or a number makes no sense.
    """
    low, high, scale = (options.get(name) for name in ("vmin", "vmax", "depth_scale"))
    if low is not None and high is not None and not low < high:
        raise UserError(f"--vmin {low:g} and --vmax {high:g}: expected a range that rises; swap them")
    if scale is not None and not 0 < scale < math.inf:
        raise UserError(f"--depth-scale is {scale:g}, expected the files' units per metre, such as 1000; set it so")
    protocol = get_protocol(options.get("protocol", "nyu"))
    return Comparison(protocol, scale, options.get("depth_key"), (low, high))


def compare_models(
    candidates: Sequence[Candidate],
    photos: Sequence[Photo],
    comparison: Comparison,
    device: str | None = None,
    camera: dict | None = None,
    as_is: bool = False,
) -> Iterator[tuple[str, np.ndarray]]:
    """Runs every model on every image, one model in memory at a time, then draws the images, see `model_panel`.

    Args:
        candidates: the models.
        photos: the images.
        comparison: how; its scores grow with each panel.
        device: where to run; None takes the GPU if there is one.
        camera: `focal_length` and `baseline` of all images, for models of disparity.
        as_is: load weights that say they were made for another model all the same.

    Yields:
        An image's name, and its panel.

    Raises:
        UserError: if a model, an image or a truth is not what was expected.
    """
    predicted = [
        results_of(candidate, photos, device, {**(camera or {}), "keep_images": candidate is candidates[0]}, as_is)
        for candidate in candidates
    ]
    labels = [candidate.label for candidate in candidates]
    for photo, *results in zip(photos, *predicted, strict=True):
        yield photo.name, panel_of_photo(photo, dict(zip(labels, results, strict=True)), comparison)


def results_of(
    candidate: Candidate, photos: Sequence[Photo], device: str | None, options: dict, as_is: bool
) -> list[Result]:
    """What one model predicts of all images; `options` are those of `DepthInferencer.stream`.

    Raises:
        UserError: if it predicts no depth.
    """
    as_is = as_is and candidate.config is not None  # a published file was made for the model that it names
    inferencer = open_model(candidate.config, candidate.checkpoint, device, as_is=as_is)
    results = []
    for result in inferencer.stream([photo.path for photo in photos], **options):
        if result.map is None or QUANTITIES[result.quantity].to_inverse is None:
            raise UserError(
                f"'{candidate.label}' predicts '{result.quantity}', which is no depth; leave it out of --models"
            )
        results.append(result)
    return results


def panel_of_photo(photo: Photo, results: dict[str, Result], comparison: Comparison) -> np.ndarray:
    """The panel of one image; notes the scores."""
    image = next(iter(results.values())).image
    if photo.truth is None:
        maps = [unaligned(label, result) for label, result in results.items()]
        return model_panel(image, maps, photo.name, limits=comparison.limits)
    depth = read_truth(photo.truth, comparison.depth_scale, comparison.depth_key)
    known = depth > 0
    truth = {"depth": torch.from_numpy(depth)[None], "valid_mask": torch.from_numpy(known)[None]}
    warn_of_caps(depth, photo.truth, comparison.protocol)
    scores = comparison.scores.setdefault(photo.name, {})
    maps = []
    for label, result in results.items():
        used = comparison.used[label] = protocol_for(QUANTITIES[result.quantity], comparison.protocol)
        shown, scores[label] = aligned(label, result, truth, used)
        maps.append(shown)
    return model_panel(image, maps, photo.name, depth, known, comparison.limits)


def protocol_for(quantity: Quantity, protocol: Protocol) -> Protocol:
    """The protocol under which a model is compared: one that aligns nothing fits what is not in metres by `FITTED`."""
    if quantity.name == "depth" or protocol.alignment != "none":
        return protocol
    return protocol_under(protocol, FITTED)


def warn_of_caps(depth: np.ndarray, path: str, protocol: Protocol) -> None:
    """Warns if much of a truth (H, W), metres, lies beyond the depths that a protocol counts."""
    known = depth > 0
    beyond = np.mean((depth[known] <= protocol.min_depth) | (depth[known] >= protocol.max_depth)) if known.any() else 0
    if beyond > MUCH:
        warnings.warn(
            f"{path}: {beyond:.0%} of the known pixels, up to {depth.max():.4g} m, lie beyond {protocol.min_depth:g}.."
            f"{protocol.max_depth:g} m, which protocol {protocol.name} counts; name another --protocol, or set "
            "--depth-scale",
            stacklevel=2,
        )


def unaligned(label: str, result: Result) -> ShownMap:
    """A map without a truth: metres as they are, anything else in its own range, and says so."""
    quantity = QUANTITIES[result.quantity]
    captions = {"depth": "metres, as predicted", "inverse_depth": "relative, in a range of its own"}
    return ShownMap(
        label, result.map, (captions.get(quantity.name, f"{quantity.name}, in a range of its own"),), quantity
    )


def aligned(label: str, result: Result, truth: dict[str, Tensor], protocol: Protocol) -> tuple[ShownMap, float]:
    """A map as a protocol compares it with the truth, and its abs_rel; NaN if no pixel counts."""
    quantity = QUANTITIES[result.quantity]
    predicted = {quantity.name: at_size(result.map, quantity, tuple(truth["depth"].shape[-2:]))}
    shown, _, _, counted = compared_maps(predicted, truth, protocol)
    row = evaluate_image(predicted, truth["depth"], truth["valid_mask"], protocol)
    score = float(row[ABS_REL]) if row[-1] > 0 else math.nan
    text = f"abs_rel {score:.3f}" if row[-1] > 0 else "no pixel counts"
    return ShownMap(label, shown, (text, how(quantity, protocol)), counted=counted), score


def how(quantity: Quantity, protocol: Protocol) -> str:
    """What was done to a map before it was shown."""
    kind = "metric" if quantity.name == "depth" else "relative" if quantity.relative else quantity.name
    return f"{kind}, not aligned" if protocol.alignment == "none" else f"{kind}, aligned: {protocol.alignment}"


def at_size(values: np.ndarray, quantity: Quantity, size: tuple[int, int]) -> Tensor:
    """A map (H, W) as a tensor (1, h, w) of the truth's size, resized as its quantity is."""
    tensor = torch.from_numpy(values)[None, None]
    return (tensor if tensor.shape[-2:] == size else quantity.resize(tensor, size))[0]
