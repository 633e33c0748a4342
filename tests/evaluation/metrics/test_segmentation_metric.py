"""Against torchmetrics in float64: holes, absent classes, images of several sizes, several processes, mistakes."""

import json

import numpy as np
import pytest
import torch
from mmengine.dataset import DefaultSampler
from support.tiny_training import in_two_processes
from support.user_errors import user_error
from torch.utils.data import DataLoader, Dataset
from torchmetrics.classification import MulticlassAccuracy, MulticlassConfusionMatrix, MulticlassJaccardIndex

from mdetools.datasets import collate_samples
from mdetools.evaluation import SegmentationMetric
from mdetools.evaluation.metrics import segmentation_metric as module
from mdetools.registry import METRICS
from mdetools.testing import check_metric

CLASSES, HOLE = 6, 255
NAMES = ["road", "car", "sky", "unicorn", "tree", "house"]
ABSENT = 3  # of neither truth nor prediction


class Masks(Dataset):
    """Images of noise; class 3 never occurs, and class 5 is predicted alone. Image 2 has no known pixel."""

    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        rng = np.random.default_rng(index)
        semantic = rng.choice([0, 1, 2, 4, HOLE], (1, 8, 11), p=[0.5, 0.2, 0.1, 0.05, 0.15])
        if index == 2:
            semantic[:] = HOLE
        return {
            "image": torch.zeros(3, 8, 11, dtype=torch.uint8),
            "semantic": torch.from_numpy(semantic),
            "meta": {"id": f"image {index}"},
        }


def logits_of(index):
    """Right at about half of the pixels."""
    rng = np.random.default_rng(100 + index)
    logits = rng.normal(0, 1, (CLASSES, 8, 11)).astype(np.float32)
    truth = Masks(index + 1)[index]["semantic"][0].numpy()
    for label in (0, 1, 2, 4):
        logits[label] += 1.5 * (truth == label)
    logits[ABSENT] = -100
    return torch.from_numpy(logits)


def evaluate(metric, size, batch_size=3):
    dataset = Masks(size)
    sampler = DefaultSampler(dataset, shuffle=False)
    for batch in DataLoader(dataset, batch_size, sampler=sampler, collate_fn=collate_samples):
        names = [int(name.split()[1]) for name in batch["meta"]["id"]]
        metric.process(batch, [{"logits": logits_of(name)} for name in names])
    return metric.evaluate(size)


def all_pixels(size):
    truth = torch.cat([Masks(size)[index]["semantic"].flatten() for index in range(size)])
    return torch.cat([logits_of(index).argmax(0).flatten() for index in range(size)]), truth


def torchmetrics_of(kind, average, size):
    labels, truth = all_pixels(size)
    return kind(CLASSES, average=average, ignore_index=HOLE).set_dtype(torch.float64)(labels, truth)


@pytest.mark.parametrize("batch_size", [1, 3, 7])
def test_as_torchmetrics_has_it(batch_size, tmp_path):
    metric = SegmentationMetric(classes=NAMES, out_file=str(tmp_path / "out.json"))
    scores = evaluate(metric, 7, batch_size)
    ious, accuracies = (
        torchmetrics_of(kind, None, 7).double().numpy() for kind in (MulticlassJaccardIndex, MulticlassAccuracy)
    )
    confusion = MulticlassConfusionMatrix(CLASSES, ignore_index=HOLE)(*all_pixels(7)).numpy()
    np.testing.assert_array_equal(metric.confusion, confusion)
    assert scores["mIoU"] == pytest.approx(torchmetrics_of(MulticlassJaccardIndex, "macro", 7).item(), rel=1e-6)
    assert scores["pixel_accuracy"] == pytest.approx(torchmetrics_of(MulticlassAccuracy, "micro", 7).item(), rel=1e-6)
    true = confusion.sum(1) > 0  # torchmetrics counts a class that is predicted alone as 0
    assert true.tolist() == [True, True, True, False, True, False]
    assert scores["mean_accuracy"] == pytest.approx(accuracies[true].mean(), rel=1e-6)
    content = json.loads((tmp_path / "out.json").read_text())
    assert content["mean"] == scores and content["num_images"] == 7 and content["num_skipped"] == 1
    assert content["confusion"] == confusion.tolist()
    for line, name, iou, accuracy, here in zip(content["classes"], NAMES, ious, accuracies, true, strict=True):
        assert line["class"] == name
        if name == NAMES[ABSENT]:
            assert line["IoU"] is None and line["share"] == 0
        else:
            assert line["IoU"] == pytest.approx(iou, rel=1e-6)
        assert line["accuracy"] == (pytest.approx(accuracy, rel=1e-6) if here else None)


def test_the_mean_written_out_in_float64():
    labels, truth = (values.numpy() for values in all_pixels(4))
    labels, truth = labels[truth != HOLE], truth[truth != HOLE]
    ious = []
    for label in range(CLASSES):
        union = ((labels == label) | (truth == label)).sum()
        if union:
            ious.append(((labels == label) & (truth == label)).sum() / union)
    assert len(ious) == CLASSES - 1
    assert evaluate(SegmentationMetric(), 4)["mIoU"] == pytest.approx(np.mean(ious), rel=1e-12)


def test_rows_are_of_each_image_alone():
    metric = SegmentationMetric()
    evaluate(metric, 4)
    assert metric.rows.empty == ["image 2"]
    for index in (0, 1, 3):
        alone = SegmentationMetric()
        batch = collate_samples([Masks(4)[index]])
        alone.process(batch, [{"logits": logits_of(index)}])
        scores = alone.evaluate(1)
        assert metric.rows.values[index].tolist() == [scores["mIoU"], scores["pixel_accuracy"]]
        assert metric.rows.counts[index] == (batch["semantic"] != HOLE).sum()


def evaluate_as_rank(size, folder):
    torch.distributed.init_process_group("gloo")
    scores = evaluate(SegmentationMetric(), size, batch_size=1)
    (folder / f"{torch.distributed.get_rank()}.json").write_text(json.dumps(scores))
    torch.distributed.destroy_process_group()


@pytest.mark.slow
def test_two_processes_agree_with_one(tmp_path):
    assert in_two_processes(tmp_path / "log", evaluate_as_rank, 5, tmp_path) == 0, (tmp_path / "log").read_text()
    one = evaluate(SegmentationMetric(), 5)
    for rank in range(2):
        assert json.loads((tmp_path / f"{rank}.json").read_text()) == one


def test_absent_classes_are_told(monkeypatch):
    told = []
    monkeypatch.setattr(module, "print_log", lambda text, **options: told.append(text))
    evaluate(SegmentationMetric(classes=NAMES), 3)
    assert told[0].startswith("1 of 6 classes occur in none of 3 images") and told[0].endswith("of mIoU: unicorn")
    assert "unicorn     nan" in told[1] and len(told) == 2


def test_names_are_those_of_the_data_set_if_none_are_given():
    metric = SegmentationMetric()
    metric.dataset_meta = {"classes": NAMES}
    evaluate(metric, 2)
    assert metric.class_names == NAMES
    metric.dataset_meta = {"classes": NAMES[:4]}
    user_error(lambda: evaluate(metric, 2), "has 4 classes (road, car, sky, unicorn), and the model predicts 6")
    assert evaluate(SegmentationMetric(prefix="rooms"), 2).keys() == {
        "rooms/mIoU",
        "rooms/mean_accuracy",
        "rooms/pixel_accuracy",
    }


def test_it_passes_the_battery_and_says_what_is_better():
    check_metric(METRICS.build(dict(type="SegmentationMetric")), "logits")
    assert SegmentationMetric.higher_is_better == dict.fromkeys(("mIoU", "mean_accuracy", "pixel_accuracy"), True)


def test_mistakes_are_told():
    batch, metric = collate_samples([Masks(1)[0]]), SegmentationMetric()
    user_error(lambda: metric.process(batch, [{"depth": torch.ones(1, 8, 11)}]), "predicts depth, expected 'logits'")
    few = [{"logits": logits_of(0)[:4]}]
    metric.process(batch, few)
    user_error(lambda: metric.evaluate(1), "image 0: ", "pixels of 'semantic' are of no class", "expected 0 to 3")
    metric = SegmentationMetric()
    metric.process(collate_samples([Masks(3)[2]]), [{"logits": logits_of(2)}])
    user_error(lambda: metric.evaluate(1), "none of 1 images has a pixel of a known class")
    del batch["semantic"]
    user_error(lambda: metric.process(batch, few), "gives no 'semantic'", "SegmentationFolderDataset")
