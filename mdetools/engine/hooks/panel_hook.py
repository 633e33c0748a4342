"""Pictures of what a model predicts."""

from pathlib import Path

import numpy as np
from mmengine.dist import is_main_process
from mmengine.evaluator import Evaluator
from mmengine.hooks import Hook

from mdetools.engine.panels import panel_of
from mdetools.evaluation import Protocol
from mdetools.registry import HOOKS
from mdetools.visualization import picture_name, stack_panels, write_image

__all__ = ["PanelHook", "SavePanelsHook"]


def protocol_of(evaluator: Evaluator) -> Protocol | None:
    """The protocol that an evaluator scores depth under, if it does."""
    protocols = (getattr(metric, "protocol", None) for metric in evaluator.metrics)
    return next((protocol for protocol in protocols if isinstance(protocol, Protocol)), None)


def spread(count: int, length: int) -> set[int]:
    """The positions of `count` things, or of all there are, spread evenly over `length`."""
    return {number * length // count for number in range(count)}


@HOOKS.register_module(name=["PanelHook", "DepthPanelHook"])  # the second is its name in configs of version 0.1
class PanelHook(Hook):
    """Shows image, ground truth, prediction and error of the same few validation images after each validation.

    A model whose quantity is not drawn gets no pictures.

    Args:
        images: how many, spread evenly over the validation set.
    """

    changes_training = False

    def __init__(self, images: int = 4) -> None:
        self.images = images

    def after_val_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Draws the batch's first image if it is one of the chosen."""
        if batch_idx not in spread(self.images, len(runner.val_dataloader)) or not is_main_process():
            return
        panel = panel_of(data_batch, 0, outputs[0], protocol_of(runner.val_evaluator))
        if panel is not None:
            runner.visualizer.add_image(f"val_{picture_name(data_batch['meta']['id'][0])}", panel, step=runner.iter)


@HOOKS.register_module()
class SavePanelsHook(Hook):
    """Writes the panel of every test image as PNG, and a few under each other as `overview.png`.

    A file has the name that `picture_name` makes of the image's id.

    Args:
        folder: where to; made if missing.
        overview: panels in the overview, spread evenly over the test set (of several processes, the first one's part).
    """

    changes_training = False

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
            if panel is None:
                continue
            write_image(self.folder / f"{picture_name(data_batch['meta']['id'][index])}.png", panel)
            if self.drawn in positions:
                self.chosen.append(panel)
            self.drawn += 1

    def after_test_epoch(self, runner, metrics: dict | None = None) -> None:
        """Writes the overview, or says why there is none."""
        if not is_main_process():
            return
        if not self.drawn:
            runner.logger.warning(f"{self.folder}: no pictures: what the model predicts is not drawn")
        elif self.chosen:
            write_image(self.folder / "overview.png", stack_panels(self.chosen))
            runner.logger.info(f"pictures: {self.folder}, {len(self.chosen)} of them in overview.png")
