"""Which panel a prediction gets, and from what of its batch it is drawn."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from mdetools.contract import FIELDS, QUANTITIES, Quantity, Sample, quantity_of
from mdetools.evaluation import Protocol, scored_depth
from mdetools.geometry import camera_known, depth_to_disparity, focal_at_width, resize_disparity, right_known
from mdetools.visualization import depth_panel, prediction_panel, stereo_panel

__all__ = ["compared_maps", "image_disparity", "panel_of"]


def panel_of(
    batch: dict,
    index: int,
    prediction: dict,
    protocol: Protocol | None,
    names: Sequence[str] | None = None,
) -> np.ndarray | None:
    """The panel of one image of a validation batch.

    Depth, or what a protocol makes depth of, is compared with the ground truth on the very pixels that the protocol
    counts; that of a calibrated stereo pair gets the pair's panel. Anything else is drawn as `prediction_panel` does.

    Args:
        batch: collated `Sample`s, on the CPU. What stands in them as a hole, or not at all, is not drawn.
        index: which of them.
        prediction: what the model predicts for it, at the ground truth's size if there is one.
        protocol: what aligns and clamps the prediction before it is shown; None shows it as it is, and a relative one
            without ground truth.
        names: of classes, for the legend; None shows their numbers.

    Returns:
        uint8 (H, W, 3), RGB; None if the model predicts what is not drawn.
    """
    sample = {key: values[index] for key, values in batch.items() if torch.is_tensor(values)}
    predicted = {key: value.cpu().float() for key, value in prediction.items() if torch.is_tensor(value)}
    image, in_metres = channels_last(sample["image"]), "depth" in predicted
    drawn = QUANTITIES["depth"] if in_metres else quantity_of(predicted)
    comparable = in_metres or (protocol is not None and drawn.is_inverse)
    compared = compared_maps(predicted, sample, protocol) if comparable and has_depth(sample) else None
    if in_metres and is_pair(sample):
        shown, *truth, counted = compared or (predicted["depth"][0].numpy(), None, None, None)
        right, disparity = channels_last(sample["image_right"]), image_disparity(predicted, sample)
        return stereo_panel(image, right, *truth, shown, disparity, counted)
    if compared is None:
        return prediction_panel(image, predicted[drawn.name].numpy(), drawn, *truth_of(sample, drawn), names)
    shown, *truth, counted = compared
    return depth_panel(image, *truth, shown, relative=not in_metres, counted=counted)


def compared_maps(predicted: dict, sample: Sample, protocol: Protocol | None) -> tuple[np.ndarray, ...]:
    """What a protocol compares: predicted depth, true depth, where that is known, and which pixels count; (h, w)."""
    depth, valid_mask = sample["depth"], sample["valid_mask"]
    if protocol is None:
        maps = (predicted["depth"], depth, valid_mask, valid_mask)
    else:
        selection = protocol.select(depth, valid_mask)
        counted = torch.zeros_like(valid_mask)
        counted[selection.window] = selection.counted
        maps = (scored_depth(predicted, selection, protocol), depth, valid_mask, counted)
    return tuple(values[0].numpy() for values in maps)


def has_depth(sample: Sample) -> bool:
    """Whether a sample has ground truth: one that lacks it is filled with holes in a batch with others that do not."""
    return sample.keys() >= {"depth", "valid_mask"} and bool(sample["valid_mask"].any())


def is_pair(sample: Sample) -> bool:
    """Whether a sample is a calibrated pair: it has a right image that is not all black, and a camera."""
    if not sample.keys() >= {"image_right", "intrinsics", "baseline"}:
        return False
    known = camera_known(sample["intrinsics"][None], sample["baseline"][None])
    return bool(known and right_known(sample["image_right"][None]))


def truth_of(sample: Sample, quantity: Quantity) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The ground truth (K, h, w) of a quantity and where it is known (h, w); None if a sample has none.

    It is known where `valid_mask` says so, or, of a sample without one, where it is not a hole.
    """
    field = FIELDS.get(quantity.truth)
    if quantity.truth not in sample or field is None or field.kind != "map":
        return None, None
    values = sample[quantity.truth].float()
    known = values.isfinite().all(0) & (values != field.hole).any(0)
    if "valid_mask" in sample and quantity.picture != "classes":
        known = sample["valid_mask"][0]
    return (values.numpy(), known.numpy()) if known.any() else (None, None)


def image_disparity(predicted: dict[str, Tensor], sample: Sample) -> np.ndarray:
    """The disparity of a sample's image: what the model predicts, or what follows from the depth that it predicts.

    Args:
        predicted: with `disparity` in pixels of its own width, or `depth` in metres; (1, h, w), of any size.
        sample: its `image` (3, H, W) with `intrinsics` and `baseline`.

    Returns:
        float32 (H, W), pixels of the image.
    """
    size = tuple(sample["image"].shape[-2:])
    if quantity_of(predicted).name == "disparity":
        disparity = predicted["disparity"][None]
    else:
        depth = predicted["depth"][None]
        focal = focal_at_width(sample["intrinsics"][None], size[1], depth.shape[-1])
        disparity = depth_to_disparity(depth, focal, sample["baseline"][None])
    return resize_disparity(disparity, size)[0, 0].numpy()


def channels_last(image: Tensor) -> np.ndarray:
    """An image (3, H, W), uint8 or float in 0..255, to uint8 (H, W, 3)."""
    if image.is_floating_point():
        image = image.round().clamp(0, 255).to(torch.uint8)
    return image.permute(1, 2, 0).numpy()
