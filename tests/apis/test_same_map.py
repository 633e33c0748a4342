"""One map, whichever way a picture takes: one fine-tuned metric checkpoint, one relative and one calibrated.

The pictures are real ones of three aspects; where the data is not there, made-up ones.
"""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from support.commands import run_command
from support.depth_anything_peer import load_official, official_input, run_officially
from support.exports import MINUTES, RUN, export, far, pictures, pipeline_map, read, write_model
from support.tiny_training import in_child, tiny_config, train, write_nyu_frames
from support.user_errors import user_error
from support.weight_files import tiny_peer

from mdetools.apis import DepthInferencer
from mdetools.apis.conversion import convert
from mdetools.apis.export.picture import network_size, prepare, restore
from mdetools.apis.export.torch_program import open_torch_program
from mdetools.apis.export.torchscript import open_torchscript
from mdetools.engine.configs.loading import load_config

LIMIT = 1e-3  # of a map's range
LEAST = 70  # pixels of a side, as the models of `write_model` have it


def fine_tuned(model, folder):
    """The model after a training from its weights."""
    config = tiny_config(folder / "training.py", write_nyu_frames(folder / "frames"))
    log, start = folder / "training.log", {"load_from": str(model[1])}
    assert in_child(log, train, config, folder / "work", start, seconds=MINUTES) == 0, log.read_text()
    state, before = (
        torch.load(path, weights_only=True)["state_dict"] for path in (folder / "work/epoch_2.pth", model[1])
    )
    assert not any(torch.equal(state[name], before[name]) for name in state if name.endswith("qkv.weight"))
    return model[0], folder / "work/epoch_2.pth"


def by_inferencer(model, files, folder):
    return [result.map for result in DepthInferencer(*map(str, model), "cpu")(list(files))]


def by_onnx_runner(model, files, folder):
    export(folder, *model, "--to", "onnx", "--dynamic", "--out", folder / "m.onnx")
    done = run_command("python", "-c", RUN, folder / "m.onnx", *files, seconds=MINUTES)
    assert done.returncode == 0, done.stderr
    return [np.load(f"{path}.npy") for path in files]


def run_opened(opened, description, path, out):
    """Writes the map of a picture by a file that was opened and its description."""
    described, picture = json.loads(description.read_text()), read(path)
    np.save(out, restore(opened(prepare(picture, described)), described["output"], *picture.shape[:2]))


def run_program(program, files, folder):
    for path in files:
        run_opened(open_torch_program(program), program.with_suffix(".json"), path, folder / f"{path.stem}_program.npy")


def by_torch_export(model, files, folder):
    export(folder, *model, "--to", "torch_export", "--dynamic", "--out", folder / "program.pt2")
    log = folder / "log"
    assert in_child(log, run_program, folder / "program.pt2", files, folder, seconds=MINUTES) == 0, log.read_text()
    return [np.load(folder / f"{path.stem}_program.npy") for path in files]


def by_torchscript(model, files, folder):
    """A trace for each picture, as a trace has one size."""
    maps = []
    rule = {"size": [LEAST, LEAST], "multiple_of": 14, "keep_aspect": True, "most_pixels": 10**7}
    for path in files:
        rows, columns = network_size(*read(path).shape[:2], rule)
        trace = folder / f"{path.stem}.pt"
        export(folder, *model, "--to", "torchscript", "--size", f"{rows}x{columns}", "--out", trace)
        run_opened(open_torchscript(trace), trace.with_suffix(".json"), path, folder / "trace.npy")
        maps.append(np.load(folder / "trace.npy"))
    return maps


def by_the_official_code(model, files, folder):
    """The official file, by Depth Anything's inference as it is written out in `depth_anything_peer`.

    The file holds no calibration, and its conversion is refused; that of the model that was calibrated is not, and the
    calibration is written out here, with the average of the mirrored picture.
    """
    cfg = load_config(str(model[0]))
    output, state = cfg.model.head.output, torch.load(model[1], weights_only=True)["state_dict"]
    source = model[1]
    if output.type == "CalibratedOutput":
        user_error(lambda: convert(source, folder / "o.pth", "official", cfg), "cannot hold a calibration")
        cfg.model.head.output, cfg.model.flip_test = output.output, None
        source = folder / "uncalibrated.pth"
        torch.save({"state_dict": {name: v for name, v in state.items() if not name.endswith("calibration")}}, source)
    convert(source, folder / "official.pth", "official", cfg, measure=False)
    peer = tiny_peer(metric=cfg.model.head.output.type == "SigmoidDepth")
    load_official(peer, torch.load(folder / "official.pth", weights_only=True))

    def calibrated(tensor):
        log = run_officially(peer, tensor).double().log()
        return (output.scale * log + output.shift).exp().clamp(1e-3, output.max_depth)

    maps = []
    for picture in map(read, files):
        tensor = official_input(picture, LEAST)
        if output.type == "CalibratedOutput":
            values = (calibrated(tensor) + calibrated(tensor.flip(-1)).flip(-1)) / 2
        else:
            values = run_officially(peer, tensor)
        maps.append(F.interpolate(values, picture.shape[:2], mode="bilinear", align_corners=True)[0, 0].numpy())
    return maps


WAYS = [by_inferencer, by_onnx_runner, by_torch_export, by_torchscript, by_the_official_code]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["metric", "relative", "calibrated"])
def test_every_way_gives_the_map_of_the_test_pipeline(name, tmp_path):
    model, files = write_model(name, tmp_path), pictures(tmp_path)
    if name == "metric":
        model = fine_tuned(model, tmp_path)
    expected = [pipeline_map(*model, read(path)) for path in files]
    assert len({round(values.shape[1] / values.shape[0], 1) for values in expected}) == 3
    found = {}
    for way in WAYS:
        maps = way(model, files, tmp_path)
        found[way.__name__] = max(far(one, other) for one, other in zip(maps, expected, strict=True))
    print(name, {way: f"{value:.1e}" for way, value in found.items()})
    assert max(found.values()) < LIMIT, found
