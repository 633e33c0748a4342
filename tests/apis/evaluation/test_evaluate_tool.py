"""tools/evaluate.py against tools/test.py, against its own rows in numpy, and with everything that users get wrong."""

import csv
import json

import numpy as np
import pytest
import torch
from scipy.stats import bootstrap
from support import tiny_training

from mdetools import __version__
from mdetools.engine.configs.loading import load_config
from mdetools.engine.testing import apply_test_options, run_testing
from mdetools.registry import MODELS

RELATIVE = """
_base_ = ["{base}"]
model = dict(
    head=dict(output=dict(_delete_=True, type="ReluInverseDepth")),
    losses=dict(silog=None, affine_invariant=dict(type="AffineInvariantLoss")),
)
"""


def write_weights(config, path, seed, says_its_config=True):
    """A checkpoint as a training writes it, of random weights."""
    cfg = load_config(str(config))
    torch.manual_seed(seed)
    state = MODELS.build(cfg.model).state_dict()
    meta = {"mdetools_version": __version__, "cfg": cfg.pretty_text}
    torch.save({"meta": meta, "state_dict": state} if says_its_config else state, path)
    return path


@pytest.fixture(scope="module")
def models(tiny_nyu, tmp_path_factory):
    """Two metric models and a relative one, as `--models` takes them, and the folder that they are in."""
    folder = tmp_path_factory.mktemp("models")
    relative = folder / "relative.py"
    relative.write_text(RELATIVE.format(base=tiny_nyu))
    one, two = (write_weights(tiny_nyu, folder / f"{name}.pth", seed) for seed, name in enumerate(("one", "two")))
    three = write_weights(relative, folder / "three.pth", 3)
    return {"one": f"{tiny_nyu}:{one}", "two": f"{tiny_nyu}:{two}", "relative": f"{relative}:{three}", "folder": folder}


@pytest.fixture(scope="module")
def data(tiny_nyu):
    return load_config(str(tiny_nyu)).test_dataloader.dataset.data_root


@pytest.fixture
def evaluate(run_tool, tmp_path):
    """Runs the tool, without loader processes; gives what it printed and what it wrote."""

    def call(*words, code=0):
        found, printed, errors = run_tool("evaluate", *words, "--workers", 0, "--out", tmp_path / "out")
        assert found == code, errors
        return (printed, json.loads((tmp_path / "out/results.json").read_text())) if code == 0 else errors

    return call


def cell_of(results, model, protocol):
    (cell,) = [one for one in results["cells"] if one["model"] == model and one["protocol"]["name"] == protocol]
    return cell


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
    assert scored["not_applicable"] is None and scored["num_images"] == 5
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
    assert (difference["first"], difference["second"], difference["num_images"]) == ("a", "b", 5)
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


def test_a_config_of_ones_own_without_a_resize_and_with_wrappers(models, data, tiny_nyu, evaluate, tmp_path):
    own = tmp_path / "own.py"
    own.write_text(
        f"_base_ = ['{tiny_nyu}']\n"
        "test_dataloader = dict(dataset=dict(_delete_=True, type='SubsetDataset', indices=[0, 2, 4], dataset=dict(\n"
        f"    type='NYUDataset', data_root='{data}', split='val', pipeline=[dict(type='PackSample')])))\n"
    )
    _, results = evaluate("--models", models["one"], "--datasets", f"mine={own}", "nyu", "--data-root", f"nyu={data}")
    whole = {row["id"]: row for row in results["cells"][2]["per_image"]}
    part = results["cells"][0]
    assert (part["dataset"], part["domain"]) == ("mine", "in-domain")
    assert part["per_image"] == [whole[f"scene/{index:05d}"] for index in (0, 2, 4)]


def test_a_limit_takes_images_that_are_spread_over_the_set(models, data, evaluate):
    words = ("--models", models["one"], "--datasets", "nyu", "--data-root", data, "--limit", 3)
    printed, results = evaluate(*words, "--baselines", "plane")
    for cell in results["cells"]:
        assert [row["id"] for row in cell["per_image"]] == ["scene/00000", "scene/00002", "scene/00004"]
    assert results["datasets"][0]["num_images"] == 3 and "3 of 5 images" in printed


def test_what_a_checkpoint_says_decides_on_the_domain(models, tiny_nyu, data, evaluate, tmp_path):
    config = models["one"].split(":")[0]
    bare = write_weights(tiny_nyu, tmp_path / "bare.pth", 7, says_its_config=False)
    words = ("--models", models["one"], f"{config}:{bare}", "--labels", "trained", "bare", "--protocols", "default")
    printed, results = evaluate(*words, "--datasets", "nyu", "--data-root", data)
    assert [cell["domain"] for cell in results["cells"]] == ["in-domain", "unknown"]
    trained, unknown = results["models"]
    assert trained["trained_on"] == [{"kind": "NYUDataset", "root": data, "split": "train"}]
    assert unknown["trained_on"] is None
    assert f"trained: trained on NYUDataset in {data} (train)" in printed
    assert "bare: trained on data that the file does not name" in printed
    (digest,) = trained["sha256"].values()
    assert len(digest) == 64 and digest not in unknown["sha256"].values()


def test_bf16_is_near_float32(models, data, evaluate):
    words = ("--models", models["one"], "--datasets", "nyu", "--data-root", data, "--protocols", "default")
    _, exact = evaluate(*words)
    _, half = evaluate(*words, "--amp", "bf16")
    exact, half = (results["cells"][0]["mean"]["abs_rel"] for results in (exact, half))
    assert half != exact and half == pytest.approx(exact, rel=0.05)


def test_what_was_done_is_kept_when_a_later_model_fails(models, data, tmp_path, evaluate):
    broken = tmp_path / "broken.pth"
    broken.write_bytes(b"PK\x03\x04nothing")
    config = models["one"].split(":")[0]
    told = evaluate(
        *("--models", models["one"], f"{config}:{broken}", "--datasets", "nyu", "--data-root", data), code=2
    )
    assert "broken.pth" in told.splitlines()[-1]
    results = json.loads((tmp_path / "out/results.json").read_text())
    assert [cell["model"] for cell in results["cells"]] == ["tiny/one", "tiny/one"]
    assert results["models"][1]["sha256"] == {}
    assert "| tiny/one | nyu | in-domain | metric | nyu | 5 |" in (tmp_path / "out/results.md").read_text()


def test_nothing_valid_is_a_cell_and_not_the_end(models, data, evaluate, tmp_path, tiny_nyu):
    near = tmp_path / "near.py"
    near.write_text(
        f"_base_ = ['{tiny_nyu}']\ntest_evaluator = dict(_delete_=True, type='DepthMetric', protocol="
        "dict(name='near', min_depth=0.001, max_depth=0.002))\n"
    )
    printed, results = evaluate(
        "--models", models["one"], models["two"], "--datasets", near, "--protocols", "default", "nyu"
    )
    empty = cell_of(results, "tiny/one", "near")
    assert "none of 5 images has a valid pixel" in empty["not_applicable"] and empty["num_skipped"] == 5
    assert empty["mean"] == {} and empty["per_image"][0]["abs_rel"] is None
    assert cell_of(results, "tiny/one", "nyu")["num_skipped"] == 0
    assert {one["protocol"] for one in results["differences"]} == {"nyu"} and "nothing valid" in printed


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--datasets", "nyuu"], "the data set 'nyuu' is not known; did you mean 'nyu'?"),
        (["--datasets", "gone.py"], "no config file 'gone.py'"),
        (["--datasets", "nyu", "nyu"], "two data sets are called 'nyu'; give LABEL=CONFIG"),
        (["--datasets", "nyu", "--data-root", "nuy=x"], "the data set 'nuy' is not known; did you mean 'nyu'?"),
        (["--datasets", "nyu", "kitti", "--data-root", "x"], "there are 2 data sets, expected NAME=DIR"),
        (["--datasets", "nyu", "--data-root", "nyu=/not/there"], "/not/there"),
        (["--datasets", "{nyu}", "--protocols", "nyu_eigne"], "'nyu_eigne' is not known; did you mean 'nyu_eigen'?"),
        (["--datasets", "{nyu}", "--protocols", "kitti=nyu"], "no data set has that name"),
        (["--datasets", "{nyu}", "--measures", "depth_error"], "did you mean 'depth_errors'?"),
        (["--datasets", "{nyu}", "--columns", "absrel"], "nothing measures 'absrel'; did you mean 'abs_rel'?"),
        (["--datasets", "{nyu}", "--baselines", "flat"], "there is no baseline 'flat'"),
        (["--datasets", "{nyu}", "--labels", "a", "b"], "--labels has 2 names for 1 models; give one for each"),
        (["--datasets", "{nyu}", "--device", "cuda:9"], "device 'cuda:9' cannot be used"),
    ],
)
def test_mistakes_are_one_line_and_cost_no_forward_pass(words, told, models, tiny_nyu, evaluate, tmp_path):
    words = [word.format(nyu=tiny_nyu) for word in words]
    errors = evaluate("--models", models["one"], *words, code=2)
    assert errors.startswith("error: ") and told in errors and errors.count("\n") == 1
    assert not (tmp_path / "out").exists()


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
