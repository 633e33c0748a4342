"""Pictures of what a model predicts."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from mmengine.dist import is_main_process
from mmengine.evaluator import Evaluator
from mmengine.hooks import Hook

from mdetools.engine.class_pages import HitsAndMisses, confusion_pictures
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


def classes_of(dataloader: Iterable) -> Sequence[str] | None:
    """The names of the classes of a loader's data set; None if it has none."""
    return getattr(getattr(dataloader, "dataset", None), "metainfo", {}).get("classes")


def pictures_of_classes(
    collected: HitsAndMisses, names: Sequence[str] | None, evaluator: Evaluator
) -> Iterator[tuple[str, np.ndarray]]:
    """The names and pictures of an evaluation of classes; none of any other."""
    page = collected.page(names)
    if page is not None:
        yield "hits_and_misses", page
    yield from confusion_pictures(evaluator)


@HOOKS.register_module(name=["PanelHook", "DepthPanelHook"])  # the second is its name in configs of version 0.1
class PanelHook(Hook):
    """Shows image, ground truth, prediction and error of the same few validation images after each validation.

    Of a classifier it shows a page of hits and misses, and of a metric that counts what is taken for what, that table.
    Any other model whose quantity is not drawn gets no pictures.

    Args:
        images: how many, spread evenly over the validation set.
    """

    changes_training = False

    def __init__(self, images: int = 4) -> None:
        self.images = images
        self.classes = HitsAndMisses()

    def after_val_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Draws the batch's first image if it is one of the chosen."""
        if is_main_process():
            self.classes.add(data_batch, outputs)
        if batch_idx not in spread(self.images, len(runner.val_dataloader)) or not is_main_process():
            return
        names = classes_of(runner.val_dataloader)
        panel = panel_of(data_batch, 0, outputs[0], protocol_of(runner.val_evaluator), names)
        if panel is not None:
            runner.visualizer.add_image(f"val_{picture_name(data_batch['meta']['id'][0])}", panel, step=runner.iter)

    def after_val_epoch(self, runner, metrics: dict | None = None) -> None:
        """Draws what is of the whole validation set: of classes, what was right and wrong."""
        if is_main_process():
            names = classes_of(runner.val_dataloader)
            for name, picture in pictures_of_classes(self.classes, names, runner.val_evaluator):
                runner.visualizer.add_image(f"val_{name}", picture, step=runner.iter)


@HOOKS.register_module()
class SavePanelsHook(Hook):
    """Writes the panel of every test image as PNG, and a few under each other as `overview.png`.

    Of a classifier it writes `hits_and_misses.png`, and of a metric that counts what is taken for what `confusion.png`.

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
        self.classes = HitsAndMisses()

    def after_test_iter(self, runner, batch_idx: int, data_batch=None, outputs=None) -> None:
        """Writes the panels of one batch."""
        self.classes.add(data_batch, outputs)
        protocol, names = protocol_of(runner.test_evaluator), classes_of(runner.test_dataloader)
        positions = spread(self.overview, len(runner.test_dataloader.sampler))
        for index, prediction in enumerate(outputs):
            panel = panel_of(data_batch, index, prediction, protocol, names)
            if panel is None:
                continue
            write_image(self.folder / f"{picture_name(data_batch['meta']['id'][index])}.png", panel)
            if self.drawn in positions:
                self.chosen.append(panel)
            self.drawn += 1

    def after_test_epoch(self, runner, metrics: dict | None = None) -> None:
        """Writes the overview, and of classes what was right and wrong, or says why there is nothing."""
        if not is_main_process():
            return
        names = classes_of(runner.test_dataloader)
        further = dict(pictures_of_classes(self.classes, names, runner.test_evaluator))
        for name, picture in further.items():
            write_image(self.folder / f"{name}.png", picture)
        if further:
            runner.logger.info(f"pictures: {self.folder}, {' and '.join(f'{name}.png' for name in further)}")
        elif not self.drawn:
            runner.logger.warning(f"{self.folder}: no pictures: what the model predicts is not drawn")
        if self.chosen:
            write_image(self.folder / "overview.png", stack_panels(self.chosen))
            runner.logger.info(f"pictures: {self.folder}, {len(self.chosen)} of them in overview.png")
