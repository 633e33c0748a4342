"""What a test writes, with ground truth of depth and without."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.evaluator import BaseMetric
from scipy.stats import bootstrap
from support import tiny_training

from mdetools.datasets import BaseDataset, NYUDataset
from mdetools.engine.baseline import run_baseline
from mdetools.engine.configs.loading import load_config
from mdetools.engine.testing import apply_test_options, run_testing
from mdetools.engine.training import apply_train_options, run_training
from mdetools.registry import DATASETS, METRICS


def results_of(folder, config):
    """Trains and tests in this process; leaves results and pictures in `folder`."""
    tiny_training.train(config, folder / "run")
    cfg = load_config(str(config))
    out, show = str(folder / "out/results.json"), str(folder / "pictures")
    apply_test_options(cfg, str(folder / "run/best_abs_rel.pth"), str(folder / "test"), "nyu_eigen", out, show)
    (folder / "returned.json").write_text(json.dumps(run_testing(cfg)))


@pytest.fixture(scope="module")
def tested(tmp_path_factory):
    folder = tmp_path_factory.mktemp("launch")
    data = tiny_training.write_nyu_frames(folder / "data")
    config = tiny_training.tiny_config(folder / "config.py", data)
    assert tiny_training.in_child(folder / "log", results_of, folder, config) == 0, (folder / "log").read_text()
    return folder, config


def test_the_results_file_holds_what_was_returned_and_a_row_per_image(tested):
    folder, _ = tested
    results = json.loads((folder / "out/results.json").read_text())
    assert results["protocol"]["name"] == "nyu_eigen"
    assert results["mean"] == pytest.approx(json.loads((folder / "returned.json").read_text()))
    rows = results["per_image"]
    assert [row["id"] for row in rows] == [f"scene/{index:05d}" for index in range(5)]
    assert np.mean([row["abs_rel"] for row in rows]) == pytest.approx(results["mean"]["abs_rel"])


def test_intervals_stand_below_the_means_in_the_log_of_a_test_alone(tested):
    """Against scipy's bootstrap of the rows in the file."""
    folder, _ = tested
    training, _, test = (folder / "log").read_text().partition(str(folder / "test"))
    assert "bootstrap" not in training and test.count("bootstrap intervals") == 1
    header, _, means, low, high = test.partition("95 % bootstrap intervals")[2].splitlines()[1:6]
    rows = json.loads((folder / "out/results.json").read_text())["per_image"]
    column = header.split().index("abs_rel")
    values = np.array([row["abs_rel"] for row in rows])
    assert float(means.split()[1 + column]) == pytest.approx(values.mean(), abs=1e-4)
    expected = bootstrap((values,), np.mean, method="percentile", random_state=0).confidence_interval
    found = float(low.removeprefix("95 % from").split()[column]), float(high.removeprefix("to").split()[column])
    assert found == pytest.approx(expected, abs=0.1 * values.std())


def test_a_test_writes_no_config_where_a_training_has_its_own(tested):
    folder, config = tested
    assert [path.name for path in (folder / "run").glob("*.py")] == [config.name]
    assert list((folder / "test").glob("*.py")) == []


def test_there_is_a_picture_of_every_image_and_an_overview(tested):
    folder, _ = tested
    names = sorted(path.stem for path in (folder / "pictures").glob("*.png"))
    assert names == ["overview", *(f"scene_{index:05d}" for index in range(5))]
    one, overview = (cv2.imread(str(folder / f"pictures/{name}.png")) for name in ("scene_00000", "overview"))
    assert overview.shape[0] >= 5 * (one.shape[0] - 30)


def test_the_baseline_is_the_training_sets_median(tested):
    folder, config = tested
    constant, metrics = run_baseline(load_config(str(config)))
    train, val = (NYUDataset(str(folder / "data"), split) for split in ("train", "val"))
    depths = np.concatenate([train.load(i)["depth"][train.load(i)["valid_mask"]] for i in range(len(train))])
    assert constant == pytest.approx(np.median(depths), abs=1e-3)
    errors = []
    for index in range(len(val)):
        truth = val.load(index)["depth"]
        truth = truth[truth > 0].astype(np.float64)
        errors.append(np.mean(np.abs(truth - constant) / truth))
    assert metrics["abs_rel"] == pytest.approx(np.mean(errors), rel=1e-5)


@DATASETS.register_module()
class Photographs(BaseDataset):
    """Images of two sizes and nothing else: no depth, no camera."""

    def __len__(self):
        return 3

    def load(self, index):
        image = np.random.default_rng(index).integers(0, 256, (30 + 10 * index, 40, 3), dtype=np.uint8)
        return {"image": image, "meta": {"id": str(index), "path": f"{index}.png"}}


@METRICS.register_module()
class MeanPrediction(BaseMetric):
    """What is predicted, on average, and its size; no ground truth is read."""

    def __init__(self, out_file=None):
        super().__init__()
        self.out_file = out_file

    def process(self, data_batch, data_samples):
        assert "depth" not in data_batch
        self.results += [(tuple(one["depth"].shape), one["depth"].mean().item()) for one in data_samples]

    def compute_metrics(self, results):
        Path(self.out_file).write_text(json.dumps(results))
        return {"rows": sum(shape[1] for shape, _ in results), "mean": float(np.mean([mean for _, mean in results]))}


def scores_without_depth(folder, config):
    """Trains, with validations of photographs alone and "best" by a metric of their own, and tests."""
    photographs = {"type": "Photographs", "pipeline": [{"type": "Resize", "size": 28}, {"type": "PackSample"}]}
    options = {"visualizer.vis_backends": [], "default_hooks.pictures": None}
    options |= {"default_hooks.checkpoint.best": "mean", "default_hooks.checkpoint.greater_is_better": True}
    cfg = load_config(str(config), options)
    cfg.val_dataloader.dataset = cfg.test_dataloader.dataset = photographs
    cfg.val_evaluator = {"type": "MeanPrediction", "out_file": str(folder / "val.json")}
    cfg.test_evaluator = [{"type": "MeanPrediction"}]
    apply_train_options(cfg, str(folder / "run"))
    run_training(cfg)
    apply_test_options(cfg, str(folder / "run/best_mean.pth"), str(folder / "test"), out=str(folder / "out.json"))
    (folder / "returned.json").write_text(json.dumps(run_testing(cfg)))


def test_metrics_of_another_kind_need_no_depth(tiny_nyu, tmp_path):
    log = tmp_path / "log"
    assert tiny_training.in_child(log, scores_without_depth, tmp_path, tiny_nyu) == 0, log.read_text()
    rows = json.loads((tmp_path / "out.json").read_text())
    returned = json.loads((tmp_path / "returned.json").read_text())
    assert [shape for shape, _ in rows] == [[1, 30, 40], [1, 40, 40], [1, 50, 40]]
    assert returned == {"rows": 120, "mean": pytest.approx(np.mean([mean for _, mean in rows]))}
    means = [float(line.rsplit(" ", 1)[1]) for line in log.read_text().splitlines() if "best mean so far" in line]
    assert returned["mean"] == pytest.approx(means[-1], abs=1e-4)
