"""Point pairs: batches with padding, files, several processes, mistakes."""

import json

import numpy as np
import pytest
import torch
from mmengine.dataset import DefaultSampler
from support.tiny_training import in_two_processes
from support.user_errors import user_error
from torch.utils.data import DataLoader, Dataset

from mdetools.datasets import collate_samples
from mdetools.evaluation import OrdinalMetric, bootstrap_interval, closer_first
from mdetools.registry import METRICS
from mdetools.testing import check_metric

HEIGHT, WIDTH = 12, 16


class Pairs(Dataset):
    """Images of which number i has i pairs."""

    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        rng = np.random.default_rng(index)
        points = np.stack([rng.integers(0, WIDTH, (index, 2)), rng.integers(0, HEIGHT, (index, 2))], -1)
        return {
            "image": torch.zeros(3, HEIGHT, WIDTH, dtype=torch.uint8),
            "point_pairs": torch.tensor(points, dtype=torch.float32).reshape(-1, 2, 2),
            "meta": {"id": str(index), "scene": "odd" if index % 2 else "even"},
        }


def map_of(name):
    return torch.tensor(np.random.default_rng(100 + int(name)).integers(0, 9, (1, HEIGHT, WIDTH)), dtype=torch.float32)


def evaluate(metric, size, batch_size=3):
    dataset = Pairs(size)
    sampler = DefaultSampler(dataset, shuffle=False)
    for batch in DataLoader(dataset, batch_size, sampler=sampler, collate_fn=collate_samples):
        metric.process(batch, [{"depth": map_of(name)} for name in batch["meta"]["id"]])
    return metric.evaluate(size)


def in_loops(size):
    """Whether each pair of each image is right, pixel by pixel."""
    right = {"odd": [], "even": []}
    for index in range(size):
        sample, depth = Pairs(size)[index], map_of(index)[0].numpy()
        for (x1, y1), (x2, y2) in sample["point_pairs"].int().tolist():
            right[sample["meta"]["scene"]].append(bool(depth[y1, x1] < depth[y2, x2]))
    return right


@pytest.mark.parametrize("batch_size", [1, 3, 7])
def test_padded_batches_count_every_pair_once(batch_size, tmp_path):
    metric = OrdinalMetric(out_file=str(tmp_path / "out.json"))
    scores, right = evaluate(metric, 7, batch_size), in_loops(7)
    every = np.array(right["even"] + right["odd"], float)
    assert len(every) == 21 and len(set(every)) == 2
    assert scores["ordinal"] == pytest.approx(every.mean())
    assert scores["ordinal_odd"] == pytest.approx(np.mean(right["odd"]))
    assert scores["ordinal_mean_of_scenes"] == pytest.approx((np.mean(right["odd"]) + np.mean(right["even"])) / 2)
    content = json.loads((tmp_path / "out.json").read_text())
    assert content["mean"] == scores and content["num_images"] == 21
    first = float(right["odd"][0])
    expected = {"id": "1#0", "pairs": 1, "ordinal": first, "ordinal_even": None, "ordinal_odd": first}
    assert content["per_image"][0] == expected


def test_intervals_are_over_pairs():
    metric = OrdinalMetric()
    evaluate(metric, 7)
    right = in_loops(7)
    for name, values in (("ordinal_odd", right["odd"]), ("ordinal_even", right["even"])):
        assert metric.rows.interval()[name] == pytest.approx(list(map(float, bootstrap_interval(np.array(values)))))


def evaluate_as_rank(size, folder):
    torch.distributed.init_process_group("gloo")
    scores = evaluate(OrdinalMetric(), size, batch_size=1)
    (folder / f"{torch.distributed.get_rank()}.json").write_text(json.dumps(scores))
    torch.distributed.destroy_process_group()


@pytest.mark.slow
def test_two_processes_agree_with_one(tmp_path):
    assert in_two_processes(tmp_path / "log", evaluate_as_rank, 5, tmp_path) == 0, (tmp_path / "log").read_text()
    one = evaluate(OrdinalMetric(), 5)
    for rank in range(2):
        assert json.loads((tmp_path / f"{rank}.json").read_text()) == pytest.approx(one)


def test_a_point_is_the_pixel_it_lies_in():
    """Half a pixel aside, and on maps of another size; nothing is interpolated."""
    depth = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]])
    pairs = torch.tensor([[[0.4, 0.0], [0.6, 0.0]], [[1.4, 0.0], [0.6, 0.3]], [[torch.nan] * 2] * 2])
    assert closer_first({"depth": depth}, pairs, (1, 4)).tolist()[:2] == [1.0, 0.0]
    assert closer_first({"depth": depth}, pairs, (1, 4))[2].isnan()
    half = torch.tensor([[[1.0, 3.0]]])  # of the same image: pixels 0 and 1 are one
    pairs = torch.tensor([[[0.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [2.0, 0.0]]])
    assert closer_first({"depth": half}, pairs, (1, 4)).tolist() == [0.0, 1.0]


def test_it_passes_the_battery_and_says_what_is_better():
    check_metric(METRICS.build(dict(type="OrdinalMetric")), "inverse_depth")
    assert OrdinalMetric.higher_is_better == {"ordinal": True, "ordinal_mean_of_scenes": True}
    assert list(evaluate(OrdinalMetric(prefix="da2k"), 3))[0] == "da2k/ordinal"


def test_images_without_a_scene_have_one_figure():
    batch = collate_samples([{**Pairs(4)[3], "meta": {"id": "3"}}])
    metric = OrdinalMetric()
    metric.process(batch, [{"depth": map_of(3)}])
    scores = metric.evaluate(1)
    assert set(scores) == {"ordinal", "ordinal_mean_of_scenes"} and len(set(scores.values())) == 1


def test_mistakes_are_told():
    batch = collate_samples([Pairs(4)[3]])
    metric = OrdinalMetric()
    user_error(lambda: metric.process(batch, [{"logits": torch.zeros(4, HEIGHT, WIDTH)}]), "predicts 'logits'")
    del batch["point_pairs"]
    user_error(lambda: metric.process(batch, [{"depth": map_of(3)}]), "gives no 'point_pairs'", "DA2KDataset")
    user_error(lambda: evaluate(OrdinalMetric(), 1), "none of 1 images has a point pair")
