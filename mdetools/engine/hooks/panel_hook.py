"""Pictures of what a model predicts."""

from pathlib import Path

import numpy as np
import torch
from mmengine.dist import is_main_process
from mmengine.hooks import Hook

from mdetools.evaluation.protocols import Protocol, metric_depth
from mdetools.registry import HOOKS
from mdetools.visualization import depth_panel, stack_panels, write_image

__all__ = ["DepthPanelHook", "SavePanelsHook", "panel_of"]


def panel_of(batch: dict, index: int, prediction: dict, protocol: Protocol):
    """The panel of one image of a validation batch.

    Args:
        batch: collated `Sample`s, on the CPU.
        index: which of them.
        prediction: what the model predicts for it, at the ground truth's size.
        protocol: how a relative prediction is aligned before it is shown.

    Returns:
        uint8 (H, W, 3), RGB.
    """
    depth, valid_mask = batch["depth"][index], batch["valid_mask"][index]
    on_cpu = {key: value.cpu() for key, value in prediction.items() if torch.is_tensor(value)}
    shown = metric_depth(on_cpu, depth, valid_mask, protocol)
    return depth_panel(
        batch["image"][index].permute(1, 2, 0).numpy(),
        depth[0].numpy(),
        valid_mask[0].numpy(),
        shown[0].numpy(),
        relative="depth" not in prediction,
    )


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
        spacing = max(1, len(runner.val_dataloader) // self.images) if self.images else 0
        number, between = divmod(batch_idx, spacing) if spacing else (0, 1)
        if between or number >= self.images or not is_main_process():
            return
        panel = panel_of(data_batch, 0, outputs[0], runner.val_evaluator.metrics[0].protocol)
        runner.visualizer.add_image(f"val_{data_batch['meta']['id'][0].replace('/', '_')}", panel, step=runner.iter)


@HOOKS.register_module()
class SavePanelsHook(Hook):
    """Writes the panel of every test image as PNG, and the first few under each other as `overview.png`.

    Args:
        folder: where to; made if missing.
        overview: panels in the overview.
    """

    def __init__(self, folder: str, overview: int = 6) -> None:
        self.folder = Path(folder)
        self.overview = overview
        self.first: list[np.ndarray] = []

    def after_test_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Writes the panels of one batch."""
        protocol = runner.test_evaluator.metrics[0].protocol
        for index, prediction in enumerate(outputs):
            name = data_batch["meta"]["id"][index].replace("/", "_").replace(" ", "_")
            panel = panel_of(data_batch, index, prediction, protocol)
            write_image(self.folder / f"{name}.png", panel)
            if len(self.first) < self.overview:
                self.first.append(panel)

    def after_test_epoch(self, runner, metrics: dict | None = None) -> None:
        """Writes the overview."""
        if is_main_process() and self.first:
            write_image(self.folder / "overview.png", stack_panels(self.first))
            runner.logger.info(f"pictures: {self.folder}, the first {len(self.first)} in overview.png")
