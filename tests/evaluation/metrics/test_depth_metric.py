import json
import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.dataset import DefaultSampler
from mmengine.evaluator import Evaluator
from support.tiny_training import in_two_processes
from torch.utils.data import DataLoader, Dataset, default_collate

from mdetools.datasets import BaseDataset
from mdetools.errors import UserError
from mdetools.evaluation import DEPTH_ERRORS, PROTOCOLS, DepthMetric, evaluate_image
from mdetools.registry import METRICS


class Scenes(Dataset):
    """Ground truth by index; the model's answer is a noisy copy, by the same index."""

    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        generator = torch.Generator().manual_seed(index)
        depth = torch.rand(1, 12, 16, generator=generator) * 9 + 0.5
        mask = torch.rand(depth.shape, generator=generator) > 0.2
        # Two scenes share an id, which is legitimate.
        return {"depth": depth, "valid_mask": mask, "meta": {"id": f"scene/{index // 2}"}}


def predict(batch):
    wave = 1 + 0.3 * torch.sin(torch.arange(16.0))
    return [{"depth": depth * wave + depth.mean() * 0.1} for depth in batch["depth"]]


def evaluate(metric, size, batch_size=2):
    """What MMEngine's validation loop does."""
    dataset = Scenes(size)
    evaluator = Evaluator([metric])
    for batch in DataLoader(dataset, batch_size, sampler=DefaultSampler(dataset, shuffle=False)):
        evaluator.process(data_samples=predict(batch), data_batch=batch)
    return evaluator.evaluate(len(dataset))


def rows_one_by_one(size, protocol="nyu"):
    batches = [default_collate([Scenes(size)[i]]) for i in range(size)]
    rows = [
        evaluate_image(predict(batch)[0], batch["depth"][0], batch["valid_mask"][0], PROTOCOLS[protocol])
        for batch in batches
    ]
    return torch.stack(rows).double().numpy()


def test_rows_of_the_cpu_are_kept_as_numbers():
    """A tensor of a few bytes keeps the heap around it, up to 1.1 MiB per image of 480x640: benchmarks/memory.py."""
    metric = DepthMetric()
    batch = default_collate([Scenes(2)[0], Scenes(2)[1]])
    metric.process(batch, predict(batch))
    assert [result["id"] for result in metric.results] == batch["meta"]["id"]
    assert {type(value) for result in metric.results for value in result["row"]} == {float}
    assert np.array_equal([result["row"] for result in metric.results], rows_one_by_one(2))


def test_mean_over_images_of_means_over_pixels():
    metrics = evaluate(METRICS.build({"type": "DepthMetric"}), 5)
    expected = rows_one_by_one(5)
    assert tuple(metrics) == DEPTH_ERRORS  # plain names: `save_best="abs_rel"`
    np.testing.assert_allclose(list(metrics.values()), expected[:, :-1].mean(0), rtol=1e-12)


def test_prefix():
    assert list(evaluate(DepthMetric(prefix="nyu"), 2))[3] == "nyu/abs_rel"


def test_a_second_evaluation_starts_afresh():
    metric = DepthMetric()
    evaluate(metric, 5)
    assert evaluate(metric, 3) == evaluate(DepthMetric(), 3)


def test_json(tmp_path):
    out_file = tmp_path / "new" / "results.json"
    metrics = evaluate(DepthMetric("kitti_eigen_80", out_file=str(out_file)), 3)
    content = json.loads(out_file.read_text())
    assert content["protocol"] == {
        "name": "kitti_eigen_80",
        "min_depth": 1e-3,
        "max_depth": 80.0,
        "crop": "eigen",
        "alignment": "none",
        "silog": "kitti",
        "caps": "strict",
        "description": PROTOCOLS["kitti_eigen_80"].describe(),
    }
    assert content["mean"] == metrics
    assert (content["num_images"], content["num_skipped"]) == (3, 0)
    rows = rows_one_by_one(3, "kitti_eigen_80")
    assert [row["id"] for row in content["per_image"]] == ["scene/0", "scene/0", "scene/1"]
    assert [row["valid_pixels"] for row in content["per_image"]] == rows[:, -1].tolist()
    for name, column in zip(DEPTH_ERRORS, rows.T, strict=False):
        assert [row[name] for row in content["per_image"]] == pytest.approx(column.tolist(), rel=1e-12)
    assert [path.name for path in out_file.parent.iterdir()] == ["results.json"]


def with_hole(size, empty):
    batches = [default_collate([Scenes(size)[i]]) for i in range(size)]
    for i in empty:
        batches[i]["valid_mask"][:] = False
    return batches


def log_of(monkeypatch):
    lines = []
    monkeypatch.setattr(
        "mdetools.evaluation.metrics.depth_metric.print_log",
        lambda message, logger, level=logging.INFO: lines.append((level, message)),
    )
    return lines


def test_an_image_without_a_valid_pixel_is_left_out_and_counted(tmp_path, monkeypatch):
    lines = log_of(monkeypatch)
    metric = DepthMetric(out_file=str(tmp_path / "results.json"))
    for batch in with_hole(4, [2]):
        metric.process(batch, predict(batch))
    metrics = metric.evaluate(4)
    expected = np.delete(rows_one_by_one(4), 2, 0)[:, :-1].mean(0)
    np.testing.assert_allclose(list(metrics.values()), expected, rtol=1e-12)
    warnings = [message for level, message in lines if level == logging.WARNING]
    assert len(warnings) == 1 and warnings[0].startswith("1 of 4 images have no valid pixel under protocol 'nyu'")
    assert "scene/1" in warnings[0]
    content = json.loads((tmp_path / "results.json").read_text())
    assert (content["num_images"], content["num_skipped"]) == (4, 1)
    assert content["per_image"][2] == {"id": "scene/1", "valid_pixels": 0, **dict.fromkeys(DEPTH_ERRORS)}


def test_no_valid_pixel_in_any_image_is_told():
    metric = DepthMetric("kitti_garg_50")
    for batch in with_hole(2, [0, 1]):
        metric.process(batch, predict(batch))
    with pytest.raises(
        UserError, match=r"none of 2 images has a valid pixel in 1..50 m under protocol 'kitti_garg_50'"
    ):
        metric.evaluate(2)


def test_the_protocol_stands_beside_the_table(monkeypatch):
    lines = log_of(monkeypatch)
    metrics = evaluate(DepthMetric("nyu_eigen"), 3)
    ((_, message),) = lines
    described, header, _, values = message.split("\n")
    assert described == PROTOCOLS["nyu_eigen"].describe() + ", 3 images"
    assert header.split() == list(DEPTH_ERRORS)
    assert values.split() == [f"{value:.4f}" for value in metrics.values()]


class Scanned(Scenes, BaseDataset):
    depth_source = "velodyne"


def test_the_ground_truth_is_named_beside_the_protocol_and_in_the_json(tmp_path, monkeypatch):
    lines = log_of(monkeypatch)
    for number, dataset in enumerate((Scanned(2), Scenes(2))):
        metric = DepthMetric("kitti_garg_80", out_file=str(tmp_path / f"{number}.json"))
        metric.dataset_meta = getattr(dataset, "metainfo", None)  # as MMEngine's loops do
        evaluate(metric, 2)
    described = PROTOCOLS["kitti_garg_80"].describe()
    first = [message.split("\n")[0] for _, message in lines]
    assert first == [f"{described}, ground truth velodyne, 2 images", f"{described}, 2 images"]
    named = [json.loads((tmp_path / f"{number}.json").read_text())["ground_truth"] for number in range(2)]
    assert named == ["velodyne", None]


def test_a_nan_prediction_is_seen_and_the_json_stays_valid(tmp_path):
    metric = DepthMetric(out_file=str(tmp_path / "results.json"))
    for i, batch in enumerate(with_hole(2, [])):
        metric.process(batch, [{"depth": torch.full((1, 12, 16), torch.nan if i else 2.0)}])
    assert np.isnan(metric.evaluate(2)["abs_rel"])
    content = json.loads((tmp_path / "results.json").read_text(), parse_constant=pytest.fail)
    assert content["mean"]["abs_rel"] is None
    assert content["per_image"][0]["abs_rel"] > 0 and content["per_image"][1]["abs_rel"] is None


def test_mistakes_are_told():
    with pytest.raises(UserError, match="no evaluation protocol is called 'nyuu'; did you mean 'nyu'"):
        DepthMetric("nyuu")
    batch = default_collate([Scenes(1)[0]])
    with pytest.raises(UserError, match="'inverse_depth', of unknown scale and shift, but protocol 'nyu'"):
        DepthMetric().process(batch, [{"inverse_depth": batch["depth"][0]}])
    del batch["depth"]
    with pytest.raises(UserError, match="gives no 'depth' to evaluate against"):
        DepthMetric().process(batch, [{"depth": torch.ones(1, 12, 16)}])


def evaluate_as_rank(size, folder):
    torch.distributed.init_process_group("gloo")
    metric = DepthMetric(out_file=f"{folder}/results.json")
    metrics = evaluate(metric, size)
    Path(folder, f"rank{torch.distributed.get_rank()}.json").write_text(json.dumps(metrics))
    torch.distributed.destroy_process_group()


def test_two_processes_on_an_odd_set_give_what_one_gives(tmp_path):
    # 7 images, 4 per rank in batches of 2: the last is a duplicate of the first.
    assert in_two_processes(tmp_path / "log", evaluate_as_rank, 7, tmp_path) == 0, (tmp_path / "log").read_text()
    alone = evaluate(DepthMetric(out_file=str(tmp_path / "alone.json")), 7)
    for rank in range(2):
        assert json.loads((tmp_path / f"rank{rank}.json").read_text()) == pytest.approx(alone, abs=1e-6)
    together, alone = (json.loads((tmp_path / name).read_text()) for name in ("results.json", "alone.json"))
    assert [row["id"] for row in together["per_image"]] == [row["id"] for row in alone["per_image"]]
    assert [row["abs_rel"] for row in together["per_image"]] == pytest.approx(
        [row["abs_rel"] for row in alone["per_image"]], abs=1e-6
    )
    assert together["num_images"] == 7
