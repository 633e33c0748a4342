"""Against torchmetrics in float64: top-1, top-5, the confusion matrix, holes, few classes, mistakes."""

import json

import numpy as np
import pytest
import torch
from mmengine.dataset import DefaultSampler
from support.tiny_training import in_two_processes
from support.user_errors import user_error
from torch.utils.data import DataLoader, Dataset
from torchmetrics.classification import MulticlassAccuracy, MulticlassConfusionMatrix

from mdetools.datasets import collate_samples
from mdetools.evaluation import ClassificationMetric, class_ranks
from mdetools.registry import METRICS
from mdetools.testing import check_metric

HOLE = 4  # of these images one has no label


class Labelled(Dataset):
    """Images of noise with a class each."""

    def __init__(self, size, classes=8):
        self.size, self.classes = size, classes

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        label = -1 if index == HOLE else index * 5 % self.classes
        image = torch.zeros(3, 4, 4, dtype=torch.uint8)
        return {"image": image, "label": torch.tensor(label), "meta": {"id": f"image {index}"}}


def scores_of(index, classes=8):
    """The class has the highest score of about half of the images."""
    scores = np.random.default_rng(index).normal(0, 1, classes)
    scores[index * 5 % classes] += 1.2
    return torch.from_numpy(scores.astype(np.float32))


def evaluate(metric, size=60, classes=8, batch_size=7):
    dataset = Labelled(size, classes)
    sampler = DefaultSampler(dataset, shuffle=False)
    for batch in DataLoader(dataset, batch_size, sampler=sampler, collate_fn=collate_samples):
        numbers = [int(name.split()[1]) for name in batch["meta"]["id"]]
        metric.process(batch, [{"scores": scores_of(number, classes)} for number in numbers])
    return metric.evaluate(size)


def peer(size=60, classes=8):
    """What torchmetrics says of the same, in float64, without the image that has no label."""
    kept = [index for index in range(size) if index != HOLE]
    scores = torch.stack([scores_of(index, classes).double() for index in kept])
    labels = torch.tensor([index * 5 % classes for index in kept])
    top1, top5 = (MulticlassAccuracy(classes, top_k=k, average="micro") for k in (1, min(5, classes)))
    confusion = MulticlassConfusionMatrix(classes)(scores, labels)
    return {"top1": top1(scores, labels).item(), "top5": top5(scores, labels).item()}, confusion.numpy()


def test_top_1_top_5_and_the_confusion_matrix_are_torchmetrics():
    metric = ClassificationMetric()
    scores, (expected, confusion) = evaluate(metric), peer()
    assert scores == pytest.approx(expected, abs=1e-7) and 0.3 < scores["top1"] < scores["top5"] < 1
    np.testing.assert_array_equal(metric.confusion, confusion)
    assert metric.class_names == list("01234567") and len(metric.rows.ids) == 60
    assert metric.rows.empty == [f"image {HOLE}"]
    right = scores_of(7).argmax().item() == 35 % 8
    assert metric.rows.values[7, 0] == right


def test_battery():
    check_metric(METRICS.build(dict(type="ClassificationMetric")), "scores")


def test_the_rank_is_the_place_in_a_stable_sort():
    rng = np.random.default_rng(0)
    scores, labels = rng.integers(0, 4, (200, 6)), rng.integers(0, 6, 200)  # with many ties
    order = np.argsort(-scores, 1, kind="stable")
    expected = [list(row).index(label) for row, label in zip(order, labels, strict=True)]
    assert class_ranks(torch.from_numpy(scores).float(), torch.from_numpy(labels)).tolist() == expected


def test_scores_that_are_nan_are_wrong_and_are_taken_for_nothing():
    metric = ClassificationMetric()
    batch = {"label": torch.tensor([0, 1]), "meta": {"id": ["a", "b"]}}
    broken = torch.tensor([torch.nan, 0, 0, 0, 0, 0])
    metric.process(batch, [{"scores": broken}, {"scores": torch.arange(6.0)}])
    assert metric.evaluate(2) == {"top1": 0, "top5": 0.5}
    assert metric.confusion.sum() == 1 and metric.confusion[1, 5] == 1


@pytest.mark.parametrize("classes", [2, 4, 5])
def test_top_5_of_fewer_than_five_classes_is_told(caplog, monkeypatch, classes):
    from mdetools.evaluation.metrics import classification_metric as module

    told = []
    monkeypatch.setattr(module, "print_log", lambda text, **_: told.append(text))
    scores = evaluate(ClassificationMetric(), classes=classes)
    expected, _ = peer(classes=classes)
    assert scores["top1"] == pytest.approx(expected["top1"])
    warned = [line for line in told if "fewer than five" in line]
    assert ("top5" in scores) == (classes == 5) and len(warned) == (classes < 5)
    assert all("\n" not in line and f"{classes} classes" in line for line in warned)


def test_the_file_holds_a_row_per_image_the_confusion_and_the_names(tmp_path):
    metric = ClassificationMetric(out_file=str(tmp_path / "results.json"))
    metric.dataset_meta = {"classes": list("abcdefgh")}
    scores = evaluate(metric)
    content = json.loads((tmp_path / "results.json").read_text())
    assert content["mean"] == pytest.approx(scores) and content["classes"] == list("abcdefgh")
    assert content["confusion"] == metric.confusion.tolist()
    assert [row["id"] for row in content["per_image"]] == [f"image {index}" for index in range(60)]
    assert content["per_image"][HOLE]["top1"] is None and content["num_skipped"] == 1


def evaluate_as_rank(size, folder):
    torch.distributed.init_process_group("gloo")
    metric = ClassificationMetric()
    scores = evaluate(metric, size, batch_size=2)
    if torch.distributed.get_rank() == 0:
        (folder / "scores.json").write_text(json.dumps([scores, metric.confusion.tolist()]))
    torch.distributed.destroy_process_group()


@pytest.mark.slow
def test_two_processes_count_each_image_once(tmp_path):
    """Of an odd number the last round is padded."""
    assert in_two_processes(tmp_path / "log", evaluate_as_rank, 11, tmp_path) == 0, (tmp_path / "log").read_text()
    scores, confusion = json.loads((tmp_path / "scores.json").read_text())
    expected, table = peer(size=11)
    assert scores == pytest.approx(expected) and confusion == table.tolist()


def test_mistakes_are_one_line():
    batch = {"label": torch.tensor([3]), "meta": {"id": ["a"]}}
    scores = [{"scores": torch.zeros(3)}]
    user_error(lambda: ClassificationMetric().process(batch, scores), "label 3", "3 classes", "0 to 2")
    user_error(lambda: ClassificationMetric().process({**batch, "label": torch.tensor([-2])}, scores), "label -2")
    user_error(lambda: ClassificationMetric().process({"meta": {"id": ["a"]}}, scores), "no 'label'")
    user_error(lambda: ClassificationMetric().process(batch, [{"depth": torch.zeros(1, 2, 2)}]), "depth", "scores")
    unlabelled = ClassificationMetric()
    unlabelled.process({**batch, "label": torch.tensor([-1])}, scores)
    user_error(lambda: unlabelled.evaluate(1), "none of 1 images")
