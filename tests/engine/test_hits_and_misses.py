"""Which images are shown as hits and misses, and that the hooks show them."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator

from mdetools.engine.class_pages import HitsAndMisses
from mdetools.engine.hooks.panel_hook import PanelHook, SavePanelsHook
from mdetools.evaluation import ClassificationMetric

LABELS = [0, 1, 2, -1, 0, 1]


def batch(labels=LABELS):
    images = torch.arange(len(labels), dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, 12, 16)
    return {"image": images, "label": torch.tensor(labels), "meta": {"id": [str(n) for n in range(len(labels))]}}


def outputs(predicted, height=2.0):
    """Scores whose highest is that of the predicted class."""
    return [{"scores": torch.eye(3)[label] * (height + index)} for index, label in enumerate(predicted)]


def test_hits_of_each_class_and_the_surest_misses_are_kept():
    """The later of these misses are the surer ones; the image without a label is neither."""
    collected = HitsAndMisses(count=2)
    collected.add(batch(), outputs([0, 2, 1, 0, 0, 2]))
    collected.add(batch(), outputs([0, 1, 2, 0, 2, 1]))
    assert [(image[0, 0, 0], label) for image, label, *_ in collected.hits] == [(0, 0), (1, 1)]
    assert [(image[0, 0, 0], label, predicted) for image, label, predicted, _ in collected.misses] == [
        (5, 1, 2),
        (4, 0, 2),
    ]
    probabilities = [entry[-1] for entry in collected.misses]
    expected = [np.exp(height) / (np.exp(height) + 2) for height in (7, 6)]
    assert probabilities == pytest.approx(expected, rel=1e-5)
    assert collected.page(None) is not None and collected.page(None) is None  # it begins again


@pytest.mark.parametrize("prediction", [{"depth": torch.ones(1, 4, 4)}, {"logits": torch.ones(3, 4, 4)}])
def test_of_other_models_nothing_is_kept(prediction):
    collected = HitsAndMisses()
    collected.add(batch(), [prediction] * len(LABELS))
    assert collected.page(None) is None


def test_the_hooks_show_and_write_the_pages(tmp_path):
    metric, shown, logged = ClassificationMetric(), {}, []
    data, predictions = batch(), outputs([0, 2, 1, 0, 0, 1])
    metric.process(data, predictions)
    metric.evaluate(len(LABELS))
    dataset = SimpleNamespace(metainfo={"classes": ["cube", "cone", "ball"]})

    class Loader(list):
        sampler = range(len(LABELS))

    loader = Loader([data])
    loader.dataset = dataset
    runner = SimpleNamespace(
        val_dataloader=loader,
        test_dataloader=loader,
        val_evaluator=Evaluator([metric]),
        test_evaluator=Evaluator([metric]),
        visualizer=SimpleNamespace(add_image=lambda name, picture, step: shown.update({name: (picture, step)})),
        logger=SimpleNamespace(info=logged.append, warning=logged.append),
        iter=12,
    )
    hook = PanelHook(images=1)
    hook.after_val_iter(runner, 0, data, predictions)
    hook.after_val_epoch(runner)
    assert {name: step for name, (_, step) in shown.items()} == {"val_hits_and_misses": 12, "val_confusion": 12}
    saving = SavePanelsHook(str(tmp_path))
    saving.after_test_iter(runner, 0, data, predictions)
    saving.after_test_epoch(runner)
    written = {path.stem: cv2.imread(str(path))[..., ::-1] for path in tmp_path.iterdir()}
    assert set(written) == {"hits_and_misses", "confusion"}
    for name, picture in written.items():
        assert np.array_equal(picture, shown[f"val_{name}"][0])
    assert logged == [f"pictures: {tmp_path}, hits_and_misses.png and confusion.png"]
