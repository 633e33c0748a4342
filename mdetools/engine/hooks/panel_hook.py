"""Pictures of what a model predicts."""

from pathlib import Path

import numpy as np
import torch
from mmengine.dist import is_main_process
from mmengine.evaluator import Evaluator
from mmengine.hooks import Hook
from torch import Tensor

from mdetools.contract import Sample, quantity_of
from mdetools.datasets.readers.image import write_image
from mdetools.evaluation import DepthMetric
from mdetools.evaluation.protocols import Protocol
from mdetools.evaluation.scoring import scored_depth
from mdetools.geometry import depth_to_disparity, focal_at_width, resize_disparity
from mdetools.registry import HOOKS
from mdetools.visualization import depth_panel, stack_panels, stereo_panel

__all__ = ["DepthPanelHook", "SavePanelsHook", "image_disparity", "panel_of"]


def panel_of(batch: dict, index: int, prediction: dict, protocol: Protocol | None) -> np.ndarray:
    """The panel of one image of a validation batch: that of a stereo pair if there is one, with calibration.

    Args:
        batch: collated `Sample`s, on the CPU; without `depth` no ground truth is drawn.
        index: which of them.
        prediction: what the model predicts for it, at the ground truth's size if there is one.
        protocol: what aligns and clamps the prediction before it is shown; None shows it as it is, and a relative one
            without ground truth.

    Returns:
        uint8 (H, W, 3), RGB.
    """
    sample = {key: values[index] for key, values in batch.items() if torch.is_tensor(values)}
    predicted = {key: value.cpu().float() for key, value in prediction.items() if torch.is_tensor(value)}
    shown = predicted.get("depth", predicted[quantity_of(predicted).name])
    truth = (None, None)
    if "depth" in sample and ("depth" in predicted or protocol is not None):
        truth = (sample["depth"][0].numpy(), sample["valid_mask"][0].numpy())
        if protocol is not None:
            shown = scored_depth(predicted, sample["depth"], sample["valid_mask"], protocol)
    left = channels_last(sample["image"])
    if "depth" in predicted and sample.keys() >= {"image_right", "intrinsics", "baseline"}:
        disparity = image_disparity(predicted["depth"], sample)
        return stereo_panel(left, channels_last(sample["image_right"]), *truth, shown[0].numpy(), disparity)
    return depth_panel(left, *truth, shown[0].numpy(), relative="depth" not in predicted)


def image_disparity(depth: Tensor, sample: Sample) -> np.ndarray:
    """The disparity of a sample's image that a depth stands for.

    Args:
        depth: (1, h, w), metres, of any size.
        sample: its `image` (3, H, W) with `intrinsics` and `baseline`.

    Returns:
        float32 (H, W), pixels of the image.
    """
    size = sample["image"].shape[-2:]
    focal = focal_at_width(sample["intrinsics"][None], size[1], depth.shape[-1])
    disparity = depth_to_disparity(depth[None], focal, sample["baseline"][None])
    return resize_disparity(disparity, tuple(size))[0, 0].numpy()


def channels_last(image: Tensor) -> np.ndarray:
    """(3, H, W) to (H, W, 3)."""
    return image.permute(1, 2, 0).numpy()


def protocol_of(evaluator: Evaluator) -> Protocol | None:
    """The protocol that an evaluator scores depth under, if it does."""
    return next((metric.protocol for metric in evaluator.metrics if isinstance(metric, DepthMetric)), None)


def picture_name(batch: dict, index: int) -> str:
    """An image's id without what a file's name should not have."""
    return batch["meta"]["id"][index].replace("/", "_").replace(" ", "_")


def spread(count: int, length: int) -> set[int]:
    """The positions of `count` things, or of all there are, spread evenly over `length`."""
    return {number * length // count for number in range(count)}


@HOOKS.register_module()
class DepthPanelHook(Hook):
    """Shows image, ground truth, prediction and error of the same few validation images after each validation.

    Args:
        images: how many, spread evenly over the validation set.
    """

    def __init__(self, images: int = 4) -> None:
        self.images = images

    def after_val_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Draws the batch's first image if it is one of the chosen."""
        if batch_idx not in spread(self.images, len(runner.val_dataloader)) or not is_main_process():
            return
        panel = panel_of(data_batch, 0, outputs[0], protocol_of(runner.val_evaluator))
        runner.visualizer.add_image(f"val_{picture_name(data_batch, 0)}", panel, step=runner.iter)


@HOOKS.register_module()
class SavePanelsHook(Hook):
    """Writes the panel of every test image as PNG, and a few under each other as `overview.png`.

    Args:
        folder: where to; made if missing.
        overview: panels in the overview, spread evenly over the test set (of several processes, the first one's part).
    """

    def __init__(self, folder: str, overview: int = 6) -> None:
        self.folder = Path(folder)
        self.overview = overview
        self.drawn = 0
        self.chosen: list[np.ndarray] = []

    def after_test_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Writes the panels of one batch."""
        protocol = protocol_of(runner.test_evaluator)
        positions = spread(self.overview, len(runner.test_dataloader.sampler))
        for index, prediction in enumerate(outputs):
            panel = panel_of(data_batch, index, prediction, protocol)
            write_image(self.folder / f"{picture_name(data_batch, index)}.png", panel)
            if self.drawn in positions:
                self.chosen.append(panel)
            self.drawn += 1

    def after_test_epoch(self, runner, metrics: dict | None = None) -> None:
        """Writes the overview."""
        if is_main_process() and self.chosen:
            write_image(self.folder / "overview.png", stack_panels(self.chosen))
            runner.logger.info(f"pictures: {self.folder}, {len(self.chosen)} of them in overview.png")
