"""tools/evaluate.py against tools/test.py, and against its own rows in numpy and scipy."""

import csv
import json

import numpy as np
import pytest
from scipy.stats import bootstrap
from support import tiny_training
from support.evaluation import cell_of

from mdetools.engine.configs.loading import load_config
from mdetools.engine.testing import apply_test_options, run_testing


def scores_of_test(config, checkpoint, protocol, flip, folder):
    """What tools/test.py does."""
    cfg = load_config(str(config))
    apply_test_options(cfg, str(checkpoint), str(folder), protocol=protocol, flip=flip)
    run_testing(cfg)


@pytest.mark.parametrize("flip", [None, "mean"])
def test_the_numbers_are_those_of_test_py_to_the_bit(models, tiny_nyu, tmp_path, evaluate, flip):
    config, checkpoint = models["one"].split(":")
    log = tmp_path / "log"
    arguments = (config, checkpoint, "nyu_eigen", flip, tmp_path / "test")
    assert tiny_training.in_child(log, scores_of_test, *arguments) == 0, log.read_text()
    expected = json.loads((tmp_path / "test/results.json").read_text())
    words = ["--flip", flip] if flip else []
    _, results = evaluate("--models", models["one"], "--datasets", tiny_nyu, "--protocols", "nyu_eigen", *words)
    (cell,) = results["cells"]
    assert cell["per_image"] == expected["per_image"]
    assert (cell["mean"], cell["protocol"]) == (expected["mean"], expected["protocol"])


def test_one_forward_pass_gives_every_protocol_as_if_it_were_alone(models, data, evaluate):
    common = ("--models", models["two"], "--datasets", "nyu", "--data-root", f"nyu={data}", "--protocols")
    _, together = evaluate(*common, "default", "lstsq_disparity", "nyu=median_depth", "nyu_eigen")
    names = [cell["protocol"]["name"] for cell in together["cells"]]
    assert names == ["nyu", "nyu_lstsq_disparity", "nyu_median_depth", "nyu_eigen"]
    for name in ("default", "lstsq_disparity", "median_depth", "nyu_eigen"):
        _, alone = evaluate(*common, name)
        (cell,) = alone["cells"]
        assert cell == cell_of(together, "tiny", cell["protocol"]["name"])


def test_each_model_runs_once_over_each_data_set(models, data, evaluate, monkeypatch):
    from mdetools.models import Estimator

    calls = []
    run = Estimator.run
    monkeypatch.setattr(Estimator, "run", lambda self, image: calls.append(image.shape) or run(self, image))
    evaluate(
        *("--models", models["one"], models["relative"], "--datasets", "nyu", "half=nyu"),
        *("--data-root", f"nyu={data}", "--data-root", f"half={data}", "--protocols", "default", "lstsq_disparity"),
    )
    # Of the relative model too, whose first protocol does not apply.
    assert len(calls) == 2 * 2 * 5


def test_a_models_resize_takes_the_place_of_the_data_sets(models, data, evaluate):
    """nyu.py has 518 pixels, the model's config 28: the numbers are those of the model's config."""
    _, own = evaluate("--models", models["one"], "--datasets", models["one"].split(":")[0], "--protocols", "nyu")
    _, named = evaluate(
        "--models", models["one"], "--datasets", "nyu", "--data-root", data, "--protocols", "nyu"
    )  # one data set: a folder without a name is its own
    assert own["cells"][0]["per_image"] == named["cells"][0]["per_image"]


def test_a_relative_model_under_metres_is_not_applicable_and_all_else_goes_on(models, data, evaluate):
    words = ("--models", models["relative"], models["one"], "--datasets", "nyu", "--data-root", f"nyu={data}")
    printed, results = evaluate(*words)
    refused, scored = (cell_of(results, "relative", name) for name in ("nyu", "nyu_lstsq_disparity"))
    assert "of unknown scale and shift" in refused["not_applicable"] and "mean" not in refused
    assert (refused["predicts"], scored["predicts"], cell_of(results, "tiny", "nyu")["predicts"]) == (
        "relative",
        "relative",
        "metric",
    )
    assert scored["not_applicable"] is None and scored["num_rows"] == 5
    line = next(line for line in printed.splitlines() if line.startswith("relative") and "not applicable" in line)
    assert line.split()[:5] == ["relative", "nyu", "in-domain", "relative", "nyu"]
    assert [one["protocol"] for one in results["differences"]] == ["nyu_lstsq_disparity"] * 10


def test_intervals_and_paired_differences_follow_from_the_rows(models, data, evaluate, tmp_path):
    """Against scipy, from the CSV alone."""
    evaluate(
        *("--models", models["one"], models["two"], "--labels", "a", "b", "--datasets", "nyu"),
        *("--data-root", data, "--protocols", "default"),
    )
    results = json.loads((tmp_path / "out/results.json").read_text())
    with (tmp_path / "out/results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["model"], row["id"]) for row in rows] == [(m, f"scene/{i:05d}") for m in "ab" for i in range(5)]
    values = {m: np.array([float(row["abs_rel"]) for row in rows if row["model"] == m]) for m in "ab"}
    for model in "ab":
        cell = cell_of(results, model, "nyu")
        assert cell["mean"]["abs_rel"] == pytest.approx(values[model].mean(), rel=1e-12)
        expected = bootstrap((values[model],), np.mean, method="percentile", random_state=0).confidence_interval
        assert cell["interval_95"]["abs_rel"] == pytest.approx(list(expected), abs=0.1 * values[model].std())
    (difference,) = [one for one in results["differences"] if one["measure"] == "abs_rel"]
    apart = values["a"] - values["b"]
    expected = bootstrap((apart,), np.mean, method="percentile", random_state=0).confidence_interval
    assert (difference["first"], difference["second"], difference["num_rows"]) == ("a", "b", 5)
    assert difference["mean"] == pytest.approx(apart.mean(), rel=1e-12)
    assert difference["interval_95"] == pytest.approx(list(expected), abs=0.1 * apart.std())
    lower = "a" if apart.mean() < 0 else "b"
    assert difference["better"] == (lower if difference["excludes_zero"] else None)


def test_baselines_stand_beside_the_models_under_the_same_protocol(models, data, evaluate):
    from mdetools.datasets import NYUDataset
    from mdetools.evaluation import fitted_rows, get_protocol

    words = ("--models", models["relative"], "--datasets", "nyu", "--data-root", data)
    printed, results = evaluate(*words, "--protocols", "lstsq_disparity", "--baselines", "row", "plane")
    dataset = NYUDataset(data, "val", pipeline=[{"type": "PackSample"}])
    expected = fitted_rows((dataset[i] for i in range(5)), get_protocol("nyu_lstsq_disparity"), ["row", "plane"])
    for name, rows in expected.items():
        cell = cell_of(results, f"best {name}", "nyu_lstsq_disparity")
        assert cell["mean"] == pytest.approx(rows.mean()) and cell["fitted_to_truth"]
        assert cell["domain"] == "fitted"
    lowest = min(rows.mean()["abs_rel"] for rows in expected.values())
    model = cell_of(results, "relative", "nyu_lstsq_disparity")["mean"]["abs_rel"]
    assert printed.splitlines()[2].split()[-1] == f"{model / lowest:.3f}"
    assert results["differences"] == []


def score(folder, model, data, baseline):
    """In each of two processes."""
    import os

    from mdetools.apis.evaluation import Options, candidates_of, evaluate, load_sets, write_evaluation
    from mdetools.engine.process.distributed import leave_process_group, start_process_group

    start_process_group("pytorch")
    options = Options([(None, "default"), (None, "lstsq_disparity")], baselines=baseline, workers=0)
    sets = load_sets(["nyu"], [("nyu", data)])
    found = evaluate(candidates_of([model]), sets, options, lambda done: write_evaluation(folder, done))
    (folder / f"cells{os.environ['RANK']}").write_text(str(len(found.cells)))
    leave_process_group()


def test_two_processes_give_the_rows_of_one(models, data, evaluate, tmp_path):
    """Five images on two ranks: the padded one is not counted; the relative model's refusal does not block."""
    two = tmp_path / "two"
    two.mkdir()
    log = tmp_path / "log"
    code = tiny_training.in_two_processes(log, score, two, models["relative"], data, ["row"])
    assert code == 0, log.read_text()
    assert [(two / f"cells{rank}").read_text() for rank in range(2)] == ["4", "0"]
    _, one = evaluate("--models", models["relative"], "--datasets", "nyu", "--data-root", data, "--baselines", "row")
    found = json.loads((two / "results.json").read_text())
    assert [cell["model"] for cell in found["cells"]] == [cell["model"] for cell in one["cells"]]
    for first, second in zip(found["cells"], one["cells"], strict=True):
        assert first == second
