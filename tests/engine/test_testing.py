import json

import cv2
import numpy as np
import pytest
from support import tiny_training

from mdetools.datasets import NYUDataset
from mdetools.engine.baseline import run_baseline
from mdetools.engine.configs.loading import load_config
from mdetools.engine.testing import apply_test_options, run_testing


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


def test_the_results_file_holds_what_was_returned_and_a_row_an_image(tested):
    folder, _ = tested
    results = json.loads((folder / "out/results.json").read_text())
    assert results["protocol"]["name"] == "nyu_eigen"
    assert results["mean"] == pytest.approx(json.loads((folder / "returned.json").read_text()))
    rows = results["per_image"]
    assert [row["id"] for row in rows] == [f"scene/{index:05d}" for index in range(5)]
    assert np.mean([row["abs_rel"] for row in rows]) == pytest.approx(results["mean"]["abs_rel"])


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
