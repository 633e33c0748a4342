import json
import re
from functools import partial

import numpy as np
import pytest
from scipy import stats

SEEDS, IMAGES = (0, 1, 2), 60
CONFIG = """model = dict(backbone=dict(channels=('image', {channel!r}), type='A'))
optim_wrapper = dict(optimizer=dict(lr=0.1))
randomness = dict(seed={seed})
"""


@pytest.fixture
def tool(run_tool):
    """Runs the script on a command line; gives its exit code, stdout and stderr."""
    return partial(run_tool, "compare_runs")


def write_run(folder, rows, seed=0, config="rgb", text=CONFIG, mean=None):
    """A work dir with what tools/train.py and tools/test.py leave."""
    folder.mkdir(parents=True)
    if config:
        (folder / f"{config}.py").write_text(text.format(channel=config, seed=seed))
    per_image = [{"id": f"i{index}", "classified": 1, "top1": value} for index, value in enumerate(rows)]
    content = {"num_images": len(per_image), "mean": mean or {"top1": float(np.mean(rows))}, "per_image": per_image}
    (folder / "results.json").write_text(json.dumps(content))
    return folder


@pytest.fixture
def runs(tmp_path):
    """Work dirs of two variants with three seeds each, and the images' scores (2, 3, N)."""
    rng = np.random.default_rng(0)
    hard = rng.uniform(size=IMAGES)
    scores = np.stack([rng.uniform(size=(3, IMAGES)) + gain > hard + 0.1 for gain in (0, 0.25)]).astype(float)
    folders = [
        write_run(tmp_path / f"{name}_seed{seed}", scores[index, seed].tolist(), seed, name)
        for index, name in enumerate(("rgb", "rgbd"))
        for seed in SEEDS
    ]
    return folders, scores


def numbers_in(text, name):
    """The numbers on the line that begins with a name, behind it."""
    line = next(line for line in text.splitlines() if line.strip("| ").split()[:1] == [name])
    return [float(number) for number in re.findall(r"[-+]?\d\.?\d*(?:e-\d+)?", line.partition(name)[2])]


def test_numbers_are_those_of_scipy(tool, runs, tmp_path):
    folders, scores = runs
    code, out, _ = tool(*folders, "--markdown", tmp_path / "out/comparison.md")
    assert code == 0
    means = scores.mean(axis=2)
    test = stats.ttest_rel(means[1], means[0])
    by_image = scores[1].mean(axis=0) - scores[0].mean(axis=0)
    bootstrap = stats.bootstrap((by_image,), np.mean, method="percentile", random_state=0).confidence_interval
    for text in (out, (tmp_path / "out/comparison.md").read_text()):
        above, below = text.split("minus rgb")
        for index, name in enumerate(("rgb", "rgbd")):
            ends = stats.t.interval(0.95, 2, means[index].mean(), stats.sem(means[index]))
            np.testing.assert_allclose(
                numbers_in(above, name), [3, means[index].mean(), *ends, *means[index]], atol=6e-5
            )
        found = numbers_in(below, "rgbd")
        difference = (means[1] - means[0]).mean()
        np.testing.assert_allclose(found[:3], [difference, *test.confidence_interval()], atol=6e-5)
        assert found[3] == pytest.approx(test.pvalue, rel=0.06)  # two digits
        np.testing.assert_allclose(found[4:], bootstrap, atol=0.015)
    assert test.pvalue < 0.05
    assert "yes" in below


def test_order_of_the_runs_does_not_matter_but_for_the_baseline(tool, runs):
    folders, _ = runs
    expected = tool(*folders)[1]
    assert tool(*folders[::-1], "--baseline", "rgb")[1].splitlines()[-6:] == expected.splitlines()[-6:]
    swapped = tool(*folders[::-1])[1].split("minus rgbd")[1]
    difference = numbers_in(expected.split("minus rgb")[1], "rgbd")[:3]
    np.testing.assert_allclose(numbers_in(swapped, "rgb")[:3], -np.array(difference)[[0, 2, 1]])


def test_runs_of_one_config_are_told_apart_by_an_entry_by_folder_or_by_name(tool, tmp_path):
    rng = np.random.default_rng(1)
    for channel in ("depth", "none"):
        text = CONFIG.replace("{channel!r}", repr(channel))
        for seed in SEEDS:
            write_run(tmp_path / channel / str(seed), rng.uniform(size=9).tolist(), seed, text=text)
    folders = [tmp_path / channel / str(seed) for channel in ("depth", "none") for seed in SEEDS]
    code, _, err = tool(*folders)
    assert code == 2
    assert f"{folders[0]} and {folders[3]} are both of variant 'rgb' with seed 0" in err
    by_folder = tool(*folders, "--by", "folder")[1]
    assert tool(*folders, "--by", "model.backbone.channels.1")[1] == by_folder
    assert tool(*(f"{folder.parent.name}={folder}" for folder in folders))[1] == by_folder
    assert len(numbers_in(by_folder.split("minus depth")[1], "none")) == 6


def test_a_score_that_is_no_mean_of_the_rows_has_no_interval_over_images(tool, tmp_path):
    """As mIoU, which is of the counts of all images together."""
    scores = {"a": (0.5, 0.75), "b": (0.5, 0.25)}
    for name, values in scores.items():
        for seed, value in enumerate(values):
            write_run(tmp_path / f"{name}_{seed}", [0.1, 0.2], seed, name, mean={"top1": value, "time": 1.0})
    code, out, err = tool(*sorted(tmp_path.iterdir()))
    assert code == 0, err
    assert "over images" not in out
    assert numbers_in(out.split("minus a")[1], "b")[0] == -0.25


def test_without_a_test_the_last_validation_counts(tool, tmp_path):
    for name, gain in (("a", 0.0), ("b", 0.125)):
        for seed in (1, 2):
            for day, best in (("20260101_000000", 0.9), ("20260102_000000", 0.25)):
                folder = tmp_path / f"{name}_seed{seed}" / day / "vis_data"
                folder.mkdir(parents=True)
                lines = [{"train/loss": 1.0, "step": 1}, {"val/time": 1.0, "val/top1": 0.9, "step": 1}]
                lines += [{"val/time": 1.0, "val/top1": best + gain, "step": 2}, {"train/loss": 0.5, "step": 3}]
                (folder / "scalars.json").write_text("\n".join(map(json.dumps, lines)))
    folders = sorted(tmp_path.iterdir())
    code, out, err = tool(*folders, "--by", "folder")
    assert code == 0, err
    assert numbers_in(out, "a")[:2] == [2, 0.25]
    assert numbers_in(out.split("minus a")[1], "b")[0] == 0.125
    assert "the last validation" in out
    write_run(tmp_path / "c_seed1", [1.0], 1, None)
    write_run(tmp_path / "c_seed2", [1.0], 2, None)
    code, _, err = tool(*folders, tmp_path / "c_seed1", tmp_path / "c_seed2", "--by", "folder")
    assert code == 2
    assert "c_seed1 are from results.json, those of" in err


def test_trainings_that_differ_in_more_than_the_seed_are_told(tool, runs):
    folders, _ = runs
    with pytest.warns(UserWarning, match=r"'rgb' differ in more than the seed: .*optim_wrapper.optimizer.lr 0.1"):
        config = folders[1] / "rgb.py"
        config.write_text(config.read_text().replace("lr=0.1", "lr=0.2"))
        assert tool(*folders)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--metric", "top5"], "results.json has no measure 'top5'; did you mean 'top1'?"),
        (["--baseline", "rgbx"], "--baseline: there is no variant 'rgbx'; did you mean 'rgb'?"),
        (["--by", "model.backbon.type"], "has no 'backbon' there; did you mean 'backbone'?"),
        (["--results", "other.json"], "has no other.json; test it with tools/test.py"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(tool, runs, arguments, expected):
    code, _, err = tool(*runs[0], *arguments)
    assert code == 2
    assert expected in err
    assert err.count("\n") == 1


def test_unequal_or_single_seeds_are_told(tool, runs):
    folders, _ = runs
    code, _, err = tool(*folders[:-1])
    assert code == 2
    assert "variant 'rgbd' has the seeds 0, 1, and 'rgb' 0, 1, 2, expected the same of each" in err
    code, _, err = tool(folders[0], folders[3])
    assert code == 2
    assert "there is one run of variant 'rgb', with seed 0, expected two seeds at least" in err


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "is no JSON"),
        ("[1]", "has no means of a test in it"),
        ('{"mean": {"top1": null}, "per_image": [{"id": "i0", "top1": null}]}', "its top1 is nan, expected a number"),
        ('{"mean": {"other": 1.0}}', "and the other runs have no measure in common"),
        ('{"mean": {"top1": 0.5}, "per_image": [{"id": "i0", "top1": 0.5}]}', "was tested on 1 images and"),
    ],
)
def test_broken_results_are_told_in_one_line(tool, tmp_path, content, expected):
    folders = [write_run(tmp_path / f"a_{seed}", [0.5, 0.5], seed) for seed in SEEDS]
    (folders[1] / "results.json").write_text(content)
    if "null" in content or "other" in content:  # the others have as many rows
        for folder in (folders[0], folders[2]):
            rows = json.loads(content).get("per_image", [])
            (folder / "results.json").write_text(json.dumps({"mean": {"top1": 0.5}, "per_image": rows}))
    code, _, err = tool(*folders)
    assert code == 2
    assert expected in err
    assert err.count("\n") == 1


def test_folders_that_are_no_runs_are_told(tool, tmp_path):
    assert "no folder" in tool(tmp_path / "none")[2]
    (tmp_path / "empty").mkdir()
    assert "has neither a results.json nor a validation in its log" in tool(tmp_path / "empty")[2]
    write_run(tmp_path / "a", [1.0], 0, None)
    assert "holds no config, or several, by which to tell its variant" in tool(tmp_path / "a")[2]
    err = tool(tmp_path / "a", "--by", "folder")[2]
    assert "neither its config (randomness.seed) nor the end of its name tells its seed" in err
