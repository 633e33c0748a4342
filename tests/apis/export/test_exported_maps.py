"""What tools/export.py writes, prints and refuses, with the maps of the models that test_same_map.py has not."""

import json

import numpy as np
import pytest
import torch
from support.commands import run_command
from support.exports import MINUTES, RUN, export, far, pictures, pipeline_map, read, write_model
from support.paths import ROOT
from support.tiny_training import in_child

from mdetools.apis.export.onnx_file import open_onnx
from mdetools.apis.export.picture import prepare, restore
from mdetools.apis.export.torch_program import open_torch_program


def differences(folder, model, opened, description):
    """Of the maps that an opened file gives of the three pictures."""
    described = json.loads(description.read_text())
    found = []
    for path in pictures(folder):
        picture = read(path)
        values = restore(opened(prepare(picture, described)), described["output"], *picture.shape[:2])
        found.append(far(values, pipeline_map(*model, picture)))
    return found


def check_torch_program(folder, model, path):
    assert max(differences(folder, model, open_torch_program(path), path.with_suffix(".json"))) < 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("name", ["residual", "stereo"])
def test_onnx_by_the_runner_gives_the_map_of_the_test_pipeline(name, tmp_path):
    import onnx

    model, files = write_model(name, tmp_path), pictures(tmp_path)
    printed = export(tmp_path, *model, "--to", "onnx", "--dynamic", "--out", tmp_path / "m.onnx")
    assert sum(line.startswith("picture ") for line in printed.splitlines()) == 3 and "limit 0.001" in printed
    done = run_command("python", "-c", RUN, tmp_path / "m.onnx", *files)
    assert done.returncode == 0, done.stderr
    for path in files:
        assert far(np.load(f"{path}.npy"), pipeline_map(*model, read(path))) < 1e-3, path
    described = json.loads((tmp_path / "m.json").read_text())
    axes = onnx.load(tmp_path / "m.onnx").graph.input[0].type.tensor_type.shape.dim
    assert [axis.dim_param or axis.dim_value for axis in axes] == ["batch", 3, "height", "width"]
    assert str(ROOT).encode() not in (tmp_path / "m.onnx").read_bytes()
    assert described["dynamic"] and described["input"]["size"] is None and described["versions"]["opset"] == 18
    assert described["file"] == "m.onnx" and all(row["largest"] < 1e-3 for row in described["check"]["maps"])
    assert len({row["network"] for row in described["check"]["maps"]}) == 3
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.slow
def test_a_program_of_torch_export_gives_the_map_of_the_test_pipeline(tmp_path):
    model = write_model("residual", tmp_path)
    export(tmp_path, *model, "--to", "torch_export", "--dynamic", "--out", tmp_path / "m.pt2")
    log = tmp_path / "log"
    assert in_child(log, check_torch_program, tmp_path, model, tmp_path / "m.pt2", seconds=MINUTES) == 0, (
        log.read_text()
    )


def test_an_export_of_one_size_in_half_precision(tmp_path):
    model = write_model("metric", tmp_path)
    words = ("--to", "torchscript", "--fp16", "--pictures", *pictures(tmp_path), "--out", tmp_path / "m.pt")
    printed = export(tmp_path, *model, *words)
    assert "fp16: mean difference" in printed and "limit 0.005" in printed
    described = json.loads((tmp_path / "m.json").read_text())
    assert 1e-6 < max(row["mean"] for row in described["check"]["maps"]) < 5e-3
    weights = torch.jit.load(tmp_path / "m.pt").state_dict().values()
    assert {value.dtype for value in weights} == {torch.float16}


def test_what_is_above_the_limit_is_refused_and_nothing_stays(tmp_path):
    model = write_model("metric", tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    words = ("--to", "torchscript", "--fp16", "--limit", "1e-9", "--out", tmp_path / "m.pt")
    last = export(tmp_path, *model, *words, code=2).splitlines()[-1]
    assert last.startswith("error: the exported map is off by ") and "expected 1e-09 at most for fp16" in last
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "log") == before


def test_a_published_file_is_exported_without_a_config(tmp_path):
    from mdetools.apis.publishing import publish
    from mdetools.engine.configs.loading import load_config

    config, checkpoint = write_model("relative", tmp_path)
    publish(load_config(str(config)), checkpoint, tmp_path / "garden.safetensors", "CC0-1.0")
    export(tmp_path, tmp_path / "garden.safetensors", "--to", "torchscript", "--out", tmp_path / "m.pt")
    described = json.loads((tmp_path / "m.json").read_text())
    assert described["output"]["quantity"] == "inverse_depth" and described["output"]["relative"]
    assert list(described["weights"]) == ["garden.safetensors"]


@pytest.mark.slow
@pytest.mark.parametrize(("option", "limit", "bytes_each"), [("--fp16", "0.005", 2), ("--int8", "0.02", 1)])
def test_the_loss_of_lower_precision_on_real_frames_is_printed_and_limited(option, limit, bytes_each, tmp_path):
    import onnx

    model = ("mdetools-tiny",)  # which is trained: of random weights int8 leaves less
    words = ("--to", "onnx", "--dynamic", option, "--pictures", *pictures(tmp_path), "--out", tmp_path / "m.onnx")
    printed = export(tmp_path, *model, *words)
    assert f"{option[2:]}: mean difference" in printed and f"limit {limit}" in printed
    graph = onnx.load(tmp_path / "m.onnx").graph
    filters = [one for one in graph.initializer if np.prod(one.dims) >= 256 and sum(side > 1 for side in one.dims) > 1]
    assert sum(len(one.raw_data) for one in filters) == bytes_each * sum(int(np.prod(one.dims)) for one in filters) > 0
    if option == "--int8":
        kinds = {node.op_type for node in graph.node}
        assert {"ConvInteger", "DynamicQuantizeLinear"} <= kinds and "Conv" not in kinds


def check_softmax(path):
    import onnx

    graph = onnx.load(path).graph
    makers = {name: node for node in graph.node for name in node.output}
    softmaxes = [node for node in graph.node if node.op_type == "Softmax"]
    assert len(softmaxes) == 4
    for node in softmaxes:
        cast = makers[node.input[0]]
        assert cast.op_type == "Cast" and cast.attribute[0].i == onnx.TensorProto.FLOAT
    open_onnx(path)


@pytest.mark.slow
def test_attention_of_a_half_precision_graph_has_its_softmax_in_float32(tmp_path):
    model = write_model("metric", tmp_path)
    export(tmp_path, *model, "--to", "onnx", "--fp16", "--size", "70x98", "--out", tmp_path / "m.onnx")
    log = tmp_path / "log"
    assert in_child(log, check_softmax, tmp_path / "m.onnx") == 0, log.read_text()
