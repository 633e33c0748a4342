"""examples/onnx_runner.py: what is wrong with a model, its description or the command line is one line."""

import json
import runpy
import sys

import cv2
import numpy as np
import pytest
from support.paths import ROOT

from mdetools.apis.export.onnx_file import OPSET
from mdetools.apis.map_difference import made_up_picture

SIZE = [28, 42]
DESCRIPTION = {
    "input": {"name": "image", "size": SIZE},
    "resize": {
        "size": SIZE,
        "multiple_of": 1,
        "keep_aspect": False,
        "interpolation": "cubic",
        "most_pixels": 10**6,
        "type": "float32",
    },
    "normalize": {"mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0]},
    "output": {"name": "depth", "quantity": "depth", "unit": "m", "resize": "aligned", "scales_with_width": False},
}


def write_graph(path, sides=SIZE):
    """A graph whose depth is the mean of the colours."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    made, kind = onnx.helper, onnx.TensorProto.FLOAT
    taken, given = (made.make_tensor_value_info(n, kind, [1, c, *sides]) for n, c in (("image", 3), ("depth", 1)))
    axes = made.make_tensor("axes", onnx.TensorProto.INT64, [1], [1])
    node = made.make_node("ReduceMean", ["image", "axes"], ["depth"], keepdims=1)
    graph = made.make_graph([node], "mean", [taken], [given], [axes])
    onnx.save(made.make_model(graph, opset_imports=[made.make_opsetid("", OPSET)], ir_version=10), path)


@pytest.fixture
def runner(tmp_path, monkeypatch, capsys):
    """Runs the example in a folder with a picture; returns its exit code and what it told of a mistake."""
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("photo.png", made_up_picture(60, 80))

    def run(model, out="depth.npy"):
        monkeypatch.setattr(sys, "argv", ["onnx_runner.py", model, "photo.png", "--out", out])
        try:
            runpy.run_path(str(ROOT / "examples" / "onnx_runner.py"), run_name="__main__")
        except SystemExit as done:
            return done.code, capsys.readouterr().err.splitlines()[-1]
        return 0, ""

    return run


def describe(path, **changes):
    path.write_text(json.dumps(DESCRIPTION | changes))


@pytest.mark.parametrize(("sides", "size"), [(SIZE, SIZE), (["height", "width"], None)])
def test_a_graph_and_its_own_description_run(runner, tmp_path, sides, size):
    write_graph(tmp_path / "garden.onnx", sides)
    describe(tmp_path / "garden.json", input={"name": "image", "size": size})
    assert runner("garden.onnx") == (0, "")
    assert np.load("depth.npy").shape == (60, 80)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"input": {"name": "image", "size": [28, 56]}}, "size, output ['image', [28, 56], 'depth'], those of garden"),
        ({"input": {"name": "image", "size": None}}, "are ['image', [28, 42], 'depth']"),
        ({"input": {"name": "pixels", "size": SIZE}}, "['pixels', [28, 42], 'depth']"),
        ({"output": DESCRIPTION["output"] | {"name": "disparity"}}, "['image', [28, 42], 'disparity']"),
    ],
)
def test_the_description_of_another_graph_is_refused(runner, tmp_path, changes, said):
    write_graph(tmp_path / "garden.onnx")
    describe(tmp_path / "garden.json", **changes)
    code, line = runner("garden.onnx")
    assert code == 2 and "garden.json describes another graph: input, size, output" in line and said in line
    assert not (tmp_path / "depth.npy").exists()


def test_what_is_missing_or_damaged_is_one_line(runner, tmp_path):
    assert runner("garden.onnx") == (2, "onnx_runner.py: error: garden.onnx is not there")
    (tmp_path / "garden.onnx").write_bytes(b"no graph")
    line = "onnx_runner.py: error: garden.json must lie beside garden.onnx; export writes both"
    assert runner("garden.onnx") == (2, line)
    for text in ("no JSON", "[]", "{}"):
        (tmp_path / "garden.json").write_text(text)
        assert "garden.json is no description that export wrote" in runner("garden.onnx")[1]
    pytest.importorskip("onnxruntime")
    describe(tmp_path / "garden.json")
    code, line = runner("garden.onnx")
    assert code == 2 and line.startswith("onnx_runner.py: error: garden.onnx is no ONNX graph: ")
    code, line = runner("garden.onnx", out="z.png")
    assert code == 2 and "--out is z.png, expected a name that ends in .npy" in line
