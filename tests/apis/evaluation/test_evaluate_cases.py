"""tools/evaluate.py on data sets of one's own, on what does not work out, and with everything that users get wrong."""

import json

import cv2
import numpy as np
import pytest
import torch
from support.evaluation import cell_of, write_weights

from mdetools.apis.published import published_parts
from mdetools.engine.configs.loading import load_config
from mdetools.registry import MODELS
from mdetools.weights.published import Published, write_published


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
        (["--datasets", "x:y=nyu"], "the label 'x:y' is no name of letters, digits, _, . and -"),
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


def test_point_pairs_and_depth_in_one_command(models, data, evaluate, tmp_path):
    """DA-2K's format through its config: the metric takes no protocol, and its table has a row per model."""
    rng = np.random.default_rng(0)
    annotations = {}
    for scene, count in (("indoor", 3), ("outdoor", 1)):
        name = f"images/{scene}/a.png"
        (tmp_path / "da2k" / name).parent.mkdir(parents=True)
        cv2.imwrite(str(tmp_path / "da2k" / name), rng.integers(0, 256, (40, 56, 3), dtype=np.uint8))
        pairs = [{"point1": [3 + i, 5], "point2": [30, 50 - i], "closer_point": "point1"} for i in range(count)]
        annotations[name] = pairs
    (tmp_path / "da2k/annotations.json").write_text(json.dumps(annotations))
    printed, results = evaluate(
        *("--models", models["one"], models["relative"], "--datasets", "da2k", "nyu", "--baselines"),
        *("--data-root", f"da2k={tmp_path / 'da2k'}", "--data-root", f"nyu={data}", "--protocols", "lstsq_disparity"),
    )
    pairs = [cell for cell in results["cells"] if cell["dataset"] == "da2k"]
    assert [(cell["model"], cell["protocol"], cell["num_rows"]) for cell in pairs] == [
        ("tiny", None, 4),
        ("relative", None, 4),
    ]
    for cell in pairs:
        right = [row["ordinal"] for row in cell["per_image"]]
        assert cell["mean"]["ordinal"] == pytest.approx(np.mean(right)) and set(right) <= {0, 1}
        scenes = [np.mean(right[:3]), right[3]]
        assert cell["mean"]["ordinal_mean_of_scenes"] == pytest.approx(np.mean(scenes))
        assert [cell["mean"][f"ordinal_{name}"] for name in ("indoor", "outdoor")] == pytest.approx(scenes)
    tables = printed.split("\n\n")
    assert "ordinal_mean_of_scenes" in tables[0] and "4 pairs" in tables[0] and "abs_rel" in tables[1]
    assert {one["measure"] for one in results["differences"] if one["dataset"] == "da2k"} == {
        "ordinal",
        "ordinal_indoor",
        "ordinal_outdoor",
    }


def test_a_published_file_needs_no_config_and_says_what_it_was_trained_on(models, tiny_nyu, data, evaluate, tmp_path):
    config, checkpoint = models["one"].split(":")
    cfg = load_config(config)
    model = MODELS.build(cfg.model)
    model.load_state_dict(torch.load(checkpoint, weights_only=True)["state_dict"])
    facts = {"trained_on": [{"kind": "RGBDDataset", "root": "worlds", "split": "train"}]}
    for name, told in (("mine", facts), ("silent", {})):
        parts = published_parts(cfg)
        header = Published(name, "depth", **parts, licence="Apache-2.0", facts=told)
        write_published(tmp_path / f"{name}.safetensors", model.state_dict(), header)
    files = [tmp_path / f"{name}.safetensors" for name in ("mine", "silent")]
    words = ("--datasets", "nyu", "--data-root", data, "--protocols", "default")
    _, results = evaluate("--models", *files, models["one"], *words)
    assert [(cell["model"], cell["domain"]) for cell in results["cells"]] == [
        ("mine", "zero-shot"),
        ("silent", "unknown"),
        ("tiny", "in-domain"),
    ]
    mine, silent, own = (cell["per_image"] for cell in results["cells"])
    assert mine == silent == own
    bare = tmp_path / "bare.pth"
    torch.save(model.state_dict(), bare)
    told = evaluate("--models", bare, *words, code=2)
    assert "bare.pth' has no header that says how to build its model" in told and "CONFIG:CKPT" in told
