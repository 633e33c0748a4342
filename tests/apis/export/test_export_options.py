"""What an export refuses before it loads a model, what it calls a difference, and what it says of a model."""

import builtins
import json

import numpy as np
import pytest
import torch
from support.commands import load_tool
from support.exports import EXPORTED
from support.models import small_estimator
from support.paths import ROOT
from support.user_errors import user_error
from torch import nn

from mdetools.apis.export.checking import (
    LIMITS,
    Trial,
    compare_trial,
    model_map,
    rules_of,
    three_aspects,
)
from mdetools.apis.export.description import describe, output_facts, resize_facts
from mdetools.apis.export.exporting import ExportOptions, check_options, judge, sizes_of
from mdetools.apis.export.graph import Graph, Sizes, graph_of
from mdetools.apis.map_difference import made_up_picture, map_difference
from mdetools.contract import QUANTITIES, quantities
from mdetools.engine.configs.loading import load_config
from mdetools.registry import MODELS

RESIZE = resize_facts(dict(type="Resize", size=70))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--to", "torchscript", "--dynamic", "--out", "m.pt"),
            "--to torchscript is a trace of one size, and --dynamic",
        ),
        (("--to", "onnx", "--out", "m.pt"), "--out is 'm.pt', expected a name that ends in .onnx"),
        (("--to", "torch_export", "--int8", "--out", "m.pt2"), "--int8 quantizes ONNX graphs"),
        (("--to", "onnx", "--fp16", "--int8", "--out", "m.onnx"), "--fp16 and --int8 are two precisions"),
        (("--to", "onnx", "--dynamic", "--size", "70x70", "--out", "m.onnx"), "--dynamic asks for all; leave one out"),
        (("c", "--to", "onnx", "--out", "m.onnx"), "expected CONFIG CKPT or one published MODEL"),
        (("--to", "onnx", "--out", "m.onnx", "--pictures", "nowhere"), "no nowhere, expected a folder"),
    ],
)
def test_contradictions_are_one_line_before_anything_is_loaded(run_tool, words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, errors = run_tool("export", "config.py", "model.pth", *words)
    assert code == 2 and errors.startswith("error: ") and errors.count("\n") == 1 and said in errors, errors
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("best.pth", "has no header that says how to build its model, as published files of mdetools have; give its"),
        ("best.pth", "give its config too: mdetools export CONFIG CKPT --to torch_export"),
        ("folder", "is a Hugging Face folder, expected a published file; give the model's CONFIG too"),
        ("own.py", "is given alone, expected CONFIG CKPT; add the checkpoint"),
    ],
)
def test_a_model_without_its_config_is_told_what_this_tool_takes(run_tool, tmp_path, model, said):
    torch.save({"state_dict": {"backbone.x": torch.zeros(1)}}, tmp_path / "best.pth")
    (tmp_path / "own.py").write_text('_base_ = "mdetools::dav2/vits_nyu.py"')
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/config.json").write_text('{"model_type": "depth_anything"}')
    code, _, errors = run_tool("export", tmp_path / model, "--to", "torch_export", "--out", tmp_path / "m.pt2")
    assert code == 2 and f"{model}' " in errors and said in errors and "--models" not in errors
    assert not (tmp_path / "m.pt2").exists()


def test_a_file_that_is_no_description_is_not_overwritten(tmp_path):
    (tmp_path / "m.json").write_text('{"annotations": []}')
    user_error(lambda: check_options(ExportOptions("torch_export"), tmp_path / "m.pt2"), "describes no exported model")
    (tmp_path / "m.json").write_text('{"normalize": {}}')
    check_options(ExportOptions("torch_export"), tmp_path / "m.pt2")


def test_the_description_of_another_export_that_lies_there_is_not_overwritten(run_tool, tmp_path):
    (tmp_path / "m.json").write_text('{"normalize": {}, "file": "m.onnx"}')
    check_options(ExportOptions("torch_export"), tmp_path / "m.pt2")
    (tmp_path / "m.onnx").write_bytes(b"")
    check_options(ExportOptions("onnx"), tmp_path / "m.onnx")
    words = ("config.py", "model.pth", "--to", "torch_export", "--out", tmp_path / "m.pt2", "--overwrite")
    code, _, errors = run_tool("export", *words)
    assert code == 2 and "m.json' describes m.onnx, which is there too; give --out another name" in errors


def test_an_export_that_is_there_is_replaced_only_where_that_is_asked_for(run_tool, tmp_path):
    (tmp_path / "m.json").write_text('{"normalize": {}}')
    words = ("config.py", "model.pth", "--to", "torch_export", "--out", tmp_path / "m.pt2")
    code, _, errors = run_tool("export", *words)
    assert code == 2 and f"'{tmp_path}/m.json' is there already" in errors and "add --overwrite" in errors
    code, _, errors = run_tool("export", *words, "--overwrite")
    assert code == 2 and "no config file 'config.py'" in errors


def test_a_missing_package_names_the_extra(monkeypatch):
    def without(name, *others, **more):
        if name == "onnxscript":
            raise ModuleNotFoundError("No module named 'onnxscript'", name=name)
        return plain(name, *others, **more)

    plain = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without)
    user_error(lambda: check_options(ExportOptions("onnx"), "m.onnx"), "onnxscript", "pip install 'mdetools[export]'")


def test_sizes_of_a_graph():
    sizes, resize = sizes_of(ExportOptions("onnx"), resize_facts(dict(type="Resize", size=520)))
    assert sizes == Sizes((532, 532), dynamic=False)
    assert (resize["size"], resize["multiple_of"], resize["keep_aspect"]) == ([532, 532], 1, False)
    assert sizes_of(ExportOptions("onnx", size=(70, 98)), RESIZE)[0].size == (70, 98)
    assert sizes_of(ExportOptions("onnx", dynamic=True), RESIZE) == (Sizes((252, 364), dynamic=True), RESIZE)
    assert Sizes.free(16).size == (288, 416) and Sizes.free(1).size == (252, 364)
    user_error(lambda: sizes_of(ExportOptions("onnx", size=(70, 100)), RESIZE), "--size is 70x100, expected multiples")


@pytest.mark.parametrize(
    ("size", "multiple", "said"),
    [
        ([70, 98], 1, "images of 70x98"),
        (None, 14, "images whose sides are multiples of 14"),
        (None, 1, "images of any size"),
    ],
)
def test_the_tool_says_what_sizes_a_graph_takes(size, multiple, said):
    description = {"input": {"size": size}, "resize": {"multiple_of": multiple}}
    assert load_tool("export").sizes_taken(description) == said


def test_differences_are_parts_of_the_range():
    expected = np.array([[2.0, 4.0], [6.0, 12.0]], np.float32)
    found = expected + np.array([[0, 0.1], [-0.3, 0]], np.float32)
    assert map_difference(found, expected) == pytest.approx((0.03, 0.01))
    assert map_difference(expected[:1], expected).largest == np.inf
    damaged = np.where(expected == 4, np.nan, expected)
    assert map_difference(damaged, expected).mean == map_difference(expected, damaged).mean == np.inf
    flat = np.full((2, 2), 5.0, np.float32)  # whose range counts as 0.05
    assert map_difference(flat + 0.01, flat) == pytest.approx((0.2, 0.2), rel=1e-4)
    assert map_difference(0 * flat, 0 * flat) == (0, 0) and map_difference(flat, 0 * flat).largest == np.inf


@pytest.mark.parametrize(("precision", "by", "other"), [("fp32", "largest", "mean"), ("int8", "mean", "largest")])
def test_a_difference_above_the_limit_is_refused(precision, by, other):
    limit, told = LIMITS[precision][1], []
    row = {"picture": "480x640", "network": "518x686", by: 0.99 * limit, other: 1e-6}
    assert judge([row], ExportOptions("onnx", precision=precision), told.append) == {"by": by, "limit": limit}
    assert told[0].startswith("picture 480x640 at 518x686: largest difference ") and len(told) == 2
    for far in (1.01 * limit, np.inf):
        rows = [row, {**row, by: far}]
        options = ExportOptions("onnx", precision=precision)
        user_error(lambda rows=rows, o=options: judge(rows, o, told.append), "picture 480x640", "nothing was written")
    assert judge([row], ExportOptions("onnx", precision=precision, limit=1.0), told.append)["limit"] == 1.0


def test_pictures_are_tried_at_three_aspects():
    sizes = [picture.shape[:2] for picture in three_aspects([made_up_picture(480, 640)])]
    assert sizes == [(480, 640), (480, 480), (480, 288)]
    assert len(three_aspects([made_up_picture(60, 80)] * 5)) == 5
    fixed = resize_facts(dict(type="Resize", size=(188, 620), multiple_of=1, keep_aspect=False))
    assert [rule["size"] for rule in rules_of(fixed, dynamic=True)] == [[188, 620], [235, 775], [620, 188]]
    assert rules_of(fixed, dynamic=False) == [fixed] and rules_of(RESIZE, dynamic=True) == [RESIZE]


def test_another_preprocessing_is_seen_from_picture_to_map():
    """The check would find a graph whose description says another resize, mean or order of channels."""
    model = small_estimator("inverse_depth").eval()
    picture = made_up_picture(120, 160)
    trial = Trial(picture, RESIZE, model_map(model, picture, RESIZE))
    described = describe("onnx", Sizes.free(14), "fp32", RESIZE, model, "inverse_depth")
    graph = graph_of(model, (70, 98))

    def run(image):
        with torch.no_grad():
            return graph(torch.from_numpy(image)).numpy()

    assert compare_trial(trial, run, described)["largest"] < 1e-5
    other_mean = {**described, "normalize": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}
    centred = {**described, "output": {**described["output"], "resize": "centred"}}
    assert compare_trial(trial, run, other_mean)["largest"] > 1e-2
    assert compare_trial(trial, run, centred)["largest"] > 1e-2
    assert compare_trial(trial, lambda image: run(image[:, ::-1].copy()), described)["largest"] > 1e-2
    for changed in ({"interpolation": "area"}, {"keep_aspect": False}):
        other = trial._replace(resize={**RESIZE, **changed})
        assert compare_trial(other, run, described)["largest"] > 1e-2


def test_a_graph_that_fails_at_a_size_is_one_line():
    model = small_estimator("inverse_depth").eval()
    trial = Trial(made_up_picture(120, 160), RESIZE, np.zeros((120, 160), np.float32))

    def run(image):
        raise RuntimeError("Guard failed:\n 42 <= height")

    described = describe("onnx", Sizes.free(14), "fp32", RESIZE, model, "inverse_depth")
    user_error(lambda: compare_trial(trial, run, described), "does not run at 70x98 (Guard failed: 42 <= height)")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("metric", ("depth", "m", False, [0.0, 10.0], "aligned", False)),
        ("relative", ("inverse_depth", "", True, [None, None], "aligned", False)),
        ("calibrated", ("depth", "m", False, [1e-3, 20.0], "aligned", False)),
        ("stereo", ("disparity", "px", False, [None, None], "centred", True)),
    ],
)
def test_what_a_description_says_of_the_output(name, expected):
    config, options = EXPORTED[name]
    model = MODELS.build(load_config(str(ROOT / "configs" / f"{config}.py"), options).model)
    facts = output_facts(model, expected[0])
    assert tuple(facts[key] for key in ("name", "unit", "relative", "range", "resize", "scales_with_width")) == expected
    json.dumps(facts, allow_nan=False)


def test_a_quantity_of_a_plugin_with_a_resize_of_its_own_is_refused(monkeypatch):
    monkeypatch.setitem(QUANTITIES, "normals", quantities.Quantity("normals", resize=lambda values, size: values))
    user_error(lambda: output_facts(nn.Identity(), "normals"), "'normals' is resized by a function of its own")


def test_the_graph_averages_with_the_mirrored_image_as_the_model_does():
    model = small_estimator("depth", flip_test="mean").eval()
    image = torch.randn(2, 3, 42, 56, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        expected = (model(image)["depth"] + model(image.flip(-1))["depth"].flip(-1)) / 2
        plain = model(image)["depth"]
        found = Graph(model, "depth")(image)
    torch.testing.assert_close(found, expected)
    assert (found - plain).abs().max() > 1e-4


def test_a_model_that_gives_no_finite_map_is_refused():
    model = small_estimator("depth").eval()
    nn.init.constant_(model.head.output_conv3.bias, float("nan"))
    user_error(lambda: graph_of(model, (42, 56)), "the model's depth is not finite")


def test_half_precision_keeps_what_must_stay_in_float32():
    model = small_estimator("depth").eval()
    image = torch.randn(1, 3, 42, 56, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        expected = model(image)["depth"]
        graph = graph_of(model, (42, 56)).to_half((42, 56))
        found = graph(image)
    assert found.dtype == torch.float32 and model.head.output_conv3.weight.dtype == torch.float16
    spread = (expected.max() - expected.min()).item()
    assert 0 < (found - expected).abs().max().item() < 2e-2 * spread
    stereo = MODELS.build(
        dict(
            type="Estimator", backbone=dict(type="TimmBackbone", name="test_resnet"), head=dict(type="CoarseToFineHead")
        )
    ).eval()
    graph_of(stereo, (64, 128)).to_half((64, 128))
    assert stereo.head.conv7.weight.dtype == torch.float32
    assert next(stereo.backbone.parameters()).dtype == torch.float16
