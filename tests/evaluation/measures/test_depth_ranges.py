"""Errors by range of the true depth, against numpy in float64."""

import json
import logging
import re

import numpy as np
import pytest
import torch
from support.paths import ROOT
from support.user_errors import user_error

from mdetools.engine.configs.loading import load_config
from mdetools.engine.testing import apply_test_options
from mdetools.errors import UserError
from mdetools.evaluation import (
    MEASURES,
    PROTOCOLS,
    DepthMetric,
    bootstrap_interval,
    columns_of,
    evaluate_image,
    get_measure,
    get_protocol,
    measures,
)
from mdetools.registry import METRICS

RANGES = dict(type="depth_ranges", edges=[0, 2, 5, 9.5], errors=["abs_rel", "rmse", "d1", "silog"])


def image(seed, farthest=12.0):
    rng = np.random.default_rng(seed)
    depth = rng.uniform(0.3, farthest, (1, 20, 30)).astype(np.float32)
    depth.flat[:4] = 2.0, 5.0, 9.5, 10.0  # on the edges
    predicted = (depth * np.exp(rng.normal(0, 0.3, depth.shape))).astype(np.float32)
    return predicted, depth, rng.random(depth.shape) > 0.2


def in_numpy(predicted, depth, valid, low, high, last):
    """abs_rel, rmse, d1 and silog of the pixels of one range, within 0.001..10 m."""
    inside = valid & (depth > 1e-3) & (depth < 10) & (depth >= low) & ((depth <= high) if last else (depth < high))
    p, t = np.clip(predicted[inside].astype(np.float64), 1e-3, 10), depth[inside].astype(np.float64)
    if not len(t):
        return [None] * 4
    d1 = np.mean(np.maximum(p / t, t / p) < 1.25)
    return [np.mean(abs(p - t) / t), np.sqrt(np.mean((p - t) ** 2)), d1, 100 * np.std(np.log(p / t))]


def by_range(predicted, depth, valid):
    ends = [(0, 2, False), (2, 5, False), (5, 9.5, True)]
    return [value for low, high, last in ends for value in in_numpy(predicted, depth, valid, low, high, last)]


def metric_of(images, **options):
    metric = DepthMetric(dict(base="nyu", silog="kitti"), **options)
    for number, arrays in enumerate(images):
        predicted, depth, valid = map(torch.from_numpy, arrays)
        batch = {"depth": depth[None], "valid_mask": valid[None], "meta": {"id": [str(number)]}}
        metric.process(batch, [{"depth": predicted}])
    return metric


def test_each_column_is_numpys_over_its_pixels():
    assert list(columns_of([RANGES])) == [
        f"{error}_{ends}" for ends in ("0_2", "2_5", "5_9.5") for error in ("abs_rel", "rmse", "d1", "silog")
    ]
    for seed in range(5):
        arrays = image(seed)
        protocol = get_protocol(dict(base="nyu", silog="kitti"))
        predicted, *truth = map(torch.from_numpy, arrays)
        row = evaluate_image({"depth": predicted}, *truth, protocol, [RANGES])
        np.testing.assert_allclose(row[:-1], by_range(*arrays), rtol=2e-5)


def test_the_ranges_together_are_the_whole():
    """Weighted by their pixels they give the error over all; each pixel at an edge lies in one range."""
    predicted, depth, valid = image(3, farthest=9.4)
    depth[0, 0, 3] = 4.0
    arguments = {"depth": torch.from_numpy(predicted)}, torch.from_numpy(depth), torch.from_numpy(valid)
    whole = evaluate_image(*arguments, PROTOCOLS["nyu"])
    row = evaluate_image(*arguments, PROTOCOLS["nyu"], ["depth_ranges:0,2,5,9.5"])
    pixels = [(valid & (depth >= low) & (depth < high)).sum() for low, high in ((0, 2), (2, 5), (5, 9.6))]
    assert sum(pixels) == whole[-1]
    for column, index in ((3, 0), (0, 1)):  # abs_rel and d1
        assert np.average(row[index:-1:2], weights=pixels) == pytest.approx(whole[column].item(), rel=1e-5)


def test_an_image_without_pixels_in_a_range_is_left_out_of_that_columns_mean(tmp_path):
    images = [image(seed, farthest) for seed, farthest in enumerate([12.0, 4.0, 12.0, 1.5, 12.0])]
    for depth in (images[1][1], images[3][1]):
        depth.flat[:4] = 1.0
    metric = metric_of(images, measures=["depth_errors", RANGES], out_file=str(tmp_path / "out.json"))
    means, table = metric.evaluate(5), [by_range(*arrays) for arrays in images]
    for index, name in enumerate(columns_of([RANGES])):
        present = [row[index] for row in table if row[index] is not None]
        assert len(present) == {"0_2": 5, "2_5": 4, "5_9.5": 3}[name.split("_", name.count("_") - 1)[-1]]
        assert means[name] == pytest.approx(np.mean(present), rel=2e-5)
        ends = tuple(map(float, bootstrap_interval(np.array(present))))
        assert metric.rows.interval()[name] == pytest.approx(ends, rel=2e-5)
    whole = metric_of(images)
    others = whole.evaluate(5)
    assert {name: means[name] for name in others} == others
    assert {name: metric.rows.interval()[name] for name in others} == whole.rows.interval()
    rows = json.loads((tmp_path / "out.json").read_text())["per_image"]
    assert [row["abs_rel_5_9.5"] is None for row in rows] == [False, True, False, True, False]


def test_a_range_without_a_pixel_in_any_image_has_no_mean_and_is_told(tmp_path, monkeypatch):
    lines = []
    monkeypatch.setattr(
        "mdetools.evaluation.metrics.depth_metric.print_log",
        lambda message, logger, level=logging.INFO: lines.append((level, message)),
    )
    metric = metric_of([image(0), image(1)], measures=["depth_ranges:2,5,11,20"], out_file=str(tmp_path / "out.json"))
    means = metric.evaluate(2)
    assert np.isnan(means["abs_rel_11_20"]) and means["abs_rel_5_11"] > 0
    assert (logging.WARNING, "no image has a pixel for abs_rel_11_20, d1_11_20") in lines
    assert json.loads((tmp_path / "out.json").read_text())["mean"]["abs_rel_11_20"] is None


def test_a_nan_prediction_is_seen_in_its_ranges_alone():
    images = [image(0), image(1)]
    near = images[1][1] < 2
    images[1][0][near] = np.nan
    means = metric_of(images, measures=[RANGES]).evaluate(2)
    assert np.isnan(means["abs_rel_0_2"]) and means["abs_rel_2_5"] > 0


def test_nothing_waits_for_the_device():
    arrays = [torch.from_numpy(np.stack(column)) for column in zip(*(image(seed) for seed in range(3)), strict=True)]
    mapped = torch.vmap(lambda p, d, m: evaluate_image({"depth": p}, d, m, PROTOCOLS["nyu"], [RANGES]))(*arrays)
    for row, p, d, m in zip(mapped, *arrays, strict=True):
        torch.testing.assert_close(row, evaluate_image({"depth": p}, d, m, PROTOCOLS["nyu"], [RANGES]))


def test_higher_is_better_for_shares_alone():
    assert METRICS.build(dict(type="DepthMetric", measures=["depth_ranges:0,1"])).higher_is_better == {
        "abs_rel_0_1": False,
        "d1_0_1": True,
    }


def test_a_config_and_the_command_line_name_them(tiny_nyu, tmp_path):
    cfg = load_config(str(tiny_nyu), {"test_evaluator": dict(type="DepthMetric", measures=["depth_errors", RANGES])})
    assert METRICS.build(cfg.test_evaluator).columns[10:13] == ("abs_rel_0_2", "rmse_0_2", "d1_0_2")
    apply_test_options(cfg, "model.pth", str(tmp_path), measures=["depth_errors", "depth_ranges:0,4,8"])
    assert METRICS.build(cfg.test_evaluator).columns[10:] == ("abs_rel_0_4", "d1_0_4", "abs_rel_4_8", "d1_4_8")


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("depth_range:0,2", ["no measure 'depth_range'", "did you mean 'depth_ranges'?"]),
        ("depth_ranges", ["'depth_ranges' needs numbers", "'depth_ranges:0,2,5,10'"]),
        ("depth_ranges:0,two", ["'depth_ranges:0,two' has no numbers"]),
        ("depth_ranges:0,2,2", ["edges [0.0, 2.0, 2.0]", "expected rising depths"]),
        ("depth_ranges:3", ["edges [3.0]"]),
        ("depth_errors:1,2", ["'depth_errors' takes no arguments"]),
        (dict(type="depth_ranges"), ["'depth_ranges' needs 'edges'"]),
        (dict(type="depth_ranges", edges=3), ["edges 3,"]),
        (dict(type="depth_ranges", edges=[0, "2"]), ["edges [0, '2']"]),
        (dict(type="depth_ranges", edge=[0, 2]), ["has no 'edge'", "did you mean 'edges'?"]),
        (dict(type="depth_ranges", edges=[0, 2], errors=["absrel"]), ["error 'absrel'", "'abs_rel'"]),
        (dict(edges=[0, 2]), ["no measure 'None'"]),
    ],
)
def test_mistakes_are_told(measure, words):
    user_error(lambda: get_measure(measure), *words)
    with pytest.raises(UserError):
        DepthMetric(measures=["depth_errors", measure])


def test_two_measures_of_one_column_are_refused():
    user_error(lambda: columns_of(["depth_ranges:0,2", RANGES]), "two measures give the column 'abs_rel_0_2'")


def test_the_measure_of_the_docs_is_one_by_its_name(monkeypatch):
    """docs/add_a_component.md adds a line to the table; the page's package is installed in test_plugin.py."""
    monkeypatch.setattr(measures.table, "MEASURES", dict(MEASURES))
    monkeypatch.setattr("mdetools.evaluation.MEASURES", measures.table.MEASURES)
    page = (ROOT / "docs" / "add_a_component.md").read_text()
    (code,) = re.findall(r"```python\n# mdetools_example_plugin/measure.py\n(.*?)```", page, flags=re.DOTALL)
    exec(code, {})
    images = [image(0), image(1)]
    metric = metric_of(images, measures=["depth_errors", "nearness"])
    shares = [(p < d)[m & (d > 1e-3) & (d < 10)].mean() for p, d, m in images]
    assert metric.evaluate(2)["too_near"] == pytest.approx(np.mean(shares))
    assert metric.higher_is_better["too_near"] is False
