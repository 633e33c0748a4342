"""Models in one file: what is written is what is read, and a header can do no harm."""

import json

import numpy as np
import pytest
import torch
from mmengine.config import Config
from safetensors.torch import load_file, save_file
from support.tiny_training import in_child, tiny_config, train, write_nyu_frames
from support.user_errors import user_error

from mdetools.apis import DepthInferencer, load
from mdetools.apis.published import published_parts
from mdetools.apis.publishing import publish
from mdetools.engine.configs.loading import load_config
from mdetools.engine.testing import apply_test_options, run_testing
from mdetools.registry import MODELS
from mdetools.weights.claims import claims_of_config
from mdetools.weights.files import read_checkpoint
from mdetools.weights.published import KEY, Published, read_published, write_published

SMALL = {
    "model.backbone.arch": "tiny",
    "model.backbone.out_indices": (0, 1, 2, 3),
    "model.head.features": 8,
    "model.head.out_channels": [8, 8, 8, 8],
    "test_dataloader.dataset.pipeline.resize.size": 28,
}


@pytest.fixture(scope="module")
def model_file(tmp_path_factory, request):
    """A relative model with random weights, its file in half precision, and its config."""
    cfg = load_config("configs/dav2/vits_relative.py", SMALL)
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    path = tmp_path_factory.mktemp("published") / "model.safetensors"
    state = {name: value.half() for name, value in model.state_dict().items()}
    write_published(
        path, state, Published("mine", "inverse_depth", **published_parts(cfg), licence="Apache-2.0", facts={"seed": 1})
    )
    return path, cfg, state


def altered(path, folder, **changes):
    """The file with other entries in its header."""
    header = json.loads(read_header(path))
    header |= changes
    out = folder / "altered.safetensors"
    save_file(load_file(path), out, {KEY: json.dumps({k: v for k, v in header.items() if v is not ...})})
    return out


def read_header(path):
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        return file.metadata()[KEY]


def test_what_is_written_is_what_is_read(model_file):
    path, cfg, state = model_file
    published = read_published(path)
    assert (published.name, published.quantity, published.licence) == ("mine", "inverse_depth", "Apache-2.0")
    assert published.facts == {"seed": 1}
    assert published.model["backbone"] == {"type": "DINOv2", "arch": "tiny", "out_indices": [0, 1, 2, 3]}
    assert published.resize == {"type": "Resize", "size": 28, "multiple_of": 14, "resize_depth": False}
    assert "losses" not in published.model
    stored = load_file(path)
    assert stored.keys() == state.keys()
    assert all(torch.equal(stored[name], value) for name, value in state.items())


def test_predicts_as_the_config_and_the_checkpoint_do(model_file, tmp_path):
    path, cfg, state = model_file
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    torch.save({"state_dict": {name: value.float() for name, value in state.items()}}, tmp_path / "plain.pth")
    expected = DepthInferencer(cfg, str(tmp_path / "plain.pth"), "cpu")(image)[0].map
    (result,) = load(path, "cpu")(image)
    assert result.quantity == "inverse_depth"
    np.testing.assert_array_equal(result.map, expected)
    assert expected.std() > 0


def test_says_what_every_checkpoint_says(model_file):
    path, cfg, _ = model_file
    checkpoint = read_checkpoint(path)
    claims = claims_of_config(checkpoint["meta"]["cfg"], str(path), MODELS.build(cfg.model))
    assert claims["head.output.type"] == "ReluInverseDepth"
    assert claims["backbone.out_indices"] == [0, 1, 2, 3]


def test_resizes_as_its_config_does(model_file):
    path, _, _ = model_file
    assert load(path, "cpu").resize.size == (28, 28)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (dict(name=...), "name is None, expected str"),
        (dict(model=[]), "model is [], expected dict"),
        (dict(resize=...), "resize is None, expected dict"),
        (dict(resize={"type": "Albumentations", "transforms": []}), "no Resize"),
        (dict(resize={"size": "large"}), "resize.size"),
        (dict(quantity="depth"), "its header says that it predicts 'depth', and its model predicts 'inverse_depth'"),
        (dict(version=2), "version 2, expected at most 1; update mdetools"),
        (dict(model={}), "model has no type"),
    ],
)
def test_other_headers_are_one_line(model_file, tmp_path, changes, said):
    user_error(lambda: load(altered(model_file[0], tmp_path, **changes), "cpu"), said)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("type", "os.system", "would import a module"),
        ("backbone.type", "subprocess.Popen", "would import a module"),
        ("head.output", {"type": "my.package.Output"}, "would import a module"),
        ("custom_imports", {"imports": ["antigravity"]}, "would import a module"),
        ("backbone.arch", "vitx", "vitx"),
        ("head.features", "many", "features"),
        ("head.typo", 1, "typo"),
        ("backbone.type", "NoSuchBackbone", "which is not registered"),
    ],
)
def test_a_header_names_registered_components_alone(model_file, tmp_path, place, value, said):
    model = Config(read_published(model_file[0]).model)
    model.merge_from_dict({place: value})
    user_error(lambda: load(altered(model_file[0], tmp_path, model=model.to_dict()), "cpu"), said)


def test_what_belongs_to_training_is_left_out(model_file, tmp_path):
    """A batch step would read another file, and losses have nothing to do."""
    steps = {"teacher": {"type": "NoSuchStep", "checkpoint": "/etc/passwd"}}
    model = read_published(model_file[0]).model
    model |= {"losses": {"a": {"type": "NoSuchLoss"}}, "data_preprocessor": {"steps": steps}}
    inferencer = load(altered(model_file[0], tmp_path, model=model), "cpu")
    assert not inferencer.model.data_preprocessor.steps and not len(inferencer.model.losses)


def test_files_of_others_say_what_they_lack(model_file, tmp_path):
    save_file(load_file(model_file[0]), tmp_path / "bare.safetensors")
    user_error(
        lambda: load(tmp_path / "bare.safetensors"), "no header that says how to build its model", "give its config too"
    )
    torch.save({"state_dict": {"a": torch.zeros(1)}}, tmp_path / "model.pth")
    user_error(lambda: load(tmp_path / "model.pth"), "no header")
    user_error(lambda: load("mdetools-tny"), "there is no model or file 'mdetools-tny'")


def test_damaged_headers_are_one_line(model_file, tmp_path):
    content = bytearray(model_file[0].read_bytes())
    rng = np.random.default_rng(0)
    length = int.from_bytes(content[:8], "little")
    refused = 0
    for index in range(200):
        damaged = bytearray(content)
        for position in rng.integers(0, 8 + length, 3):
            damaged[position] ^= 1 << int(rng.integers(8))
        path = tmp_path / f"{index % 2}.safetensors"
        path.write_bytes(damaged)
        try:
            load(path, "cpu")
        except Exception as error:
            refused += 1
            assert type(error).__name__ == "UserError", error
            assert "\n" not in str(error)
    assert refused > 100


def test_a_long_header_is_not_written(model_file, tmp_path):
    published = Published("mine", "inverse_depth", {}, "MIT", {"text": "a" * 300_000})
    user_error(lambda: write_published(tmp_path / "long.safetensors", {}, published), "its header would have 300")
    assert not list(tmp_path.iterdir())


def trained_checkpoint(cfg, folder, **changes):
    """A checkpoint as a training writes it, with random weights, of which some are replaced."""
    torch.manual_seed(1)
    state = {name: changes.get(name, value) for name, value in MODELS.build(cfg.model).state_dict().items()}
    worlds = dict(type="RGBDDataset", data_root="data/worlds", split="train")
    text = cfg.pretty_text + f"train_dataloader = {dict(dataset=worlds)!r}\n"
    torch.save({"meta": {"mdetools_version": "0.2", "cfg": text}, "state_dict": state}, folder / "trained.pth")
    return folder / "trained.pth", state


def test_publishes_what_a_training_wrote(model_file, tmp_path):
    cfg = model_file[1]
    checkpoint, state = trained_checkpoint(cfg, tmp_path)
    header = publish(cfg, checkpoint, tmp_path / "garden.safetensors", "CC0-1.0", half=True, facts={"seed": 3})
    assert read_published(tmp_path / "garden.safetensors") == header
    assert (header.name, header.quantity, header.licence) == ("garden", "inverse_depth", "CC0-1.0")
    worlds = {"kind": "RGBDDataset", "root": "data/worlds", "split": "train"}
    assert header.facts == {"trained_on": [worlds], "seed": 3}
    stored = load_file(tmp_path / "garden.safetensors")
    assert stored.keys() == state.keys()
    assert all(torch.equal(stored[name], value.half()) for name, value in state.items())
    publish(cfg, checkpoint, tmp_path / "whole.safetensors", "CC0-1.0")
    assert all(torch.equal(value, state[name]) for name, value in load_file(tmp_path / "whole.safetensors").items())


def test_a_weight_beyond_float16_is_one_line(model_file, tmp_path):
    cfg = model_file[1]
    name = "head.fusions.0.out_conv.bias"
    checkpoint, _ = trained_checkpoint(cfg, tmp_path, **{name: torch.full((8,), 1e5)})
    out = tmp_path / "garden.safetensors"
    user_error(lambda: publish(cfg, checkpoint, out, "CC0-1.0", half=True), name, "65504", "without --fp16")
    assert not out.exists()


def test_the_tool_publishes_and_says_what(model_file, tmp_path, run_tool):
    cfg = model_file[1]
    checkpoint, _ = trained_checkpoint(cfg, tmp_path)
    cfg.dump(tmp_path / "own.py")
    arguments = (tmp_path / "own.py", checkpoint, tmp_path / "garden.safetensors", "--licence", "CC0-1.0", "--fp16")
    code, printed, _ = run_tool("publish_model", *arguments)
    assert code in (0, None)
    assert "'garden' predicts inverse_depth" in printed
    assert "trained on RGBDDataset data/worlds train" in printed
    assert load(tmp_path / "garden.safetensors", "cpu").resize.size == (28, 28)
    card = tmp_path / "garden.md"
    card.write_text("my own notes")
    code, _, errors = run_tool("publish_model", *arguments)
    assert code == 2 and f"'{arguments[2]}' and 1 more of the files to write are there already" in errors
    assert "add --overwrite" in errors and card.read_text() == "my own notes"
    code, _, _ = run_tool("publish_model", *arguments, "--overwrite")
    assert code in (0, None) and card.read_text().startswith("# garden")
    code, _, errors = run_tool("publish_model", *arguments[:2], tmp_path / "garden.pth", *arguments[3:])
    assert code == 2
    assert "expected NAME.safetensors" in errors


def test_the_data_of_earlier_parts_is_noted_too(model_file, tmp_path):
    cfg = model_file[1]
    checkpoint, _ = trained_checkpoint(cfg, tmp_path)
    rooms = dict(kind="NYUDataset", root="data/rooms", split="train")
    worlds = dict(kind="RGBDDataset", root="data/worlds", split="train")
    first = tmp_path / "first.safetensors"
    publish(cfg, checkpoint, first, "CC0-1.0", facts={"trained_on": [rooms, worlds]})
    header = publish(cfg, checkpoint, tmp_path / "last.safetensors", "CC0-1.0", earlier=[first, checkpoint])
    assert header.facts["trained_on"] == [worlds, rooms]
    torch.save({"state_dict": {}}, tmp_path / "silent.pth")
    out = tmp_path / "other.safetensors"
    call = lambda: publish(cfg, checkpoint, out, "CC0-1.0", earlier=[tmp_path / "silent.pth"])  # noqa: E731
    user_error(call, "silent.pth", "does not say what it was trained on")


def averaged_checkpoint(cfg, folder, beside=True):
    """A checkpoint of a training with averaged weights, with those of the last step beside them, and its scores."""
    checkpoint, average = trained_checkpoint(cfg, folder)
    content = torch.load(checkpoint, weights_only=True)
    last = {name: value + 1 for name, value in average.items()}
    if beside:
        steps = {"steps": torch.tensor(7)}
        content["ema_state_dict"] = {f"module.{name}": value for name, value in last.items()} | steps
    evaluator = dict(type="DepthMetric", protocol="nyu")
    tested = dict(dataset=dict(type="NYUDataset", data_root="data/nyu", split="val"))
    content["meta"]["cfg"] += (
        f"default_hooks = dict(ema={dict(type='EMAHook', momentum=0.1)!r})\n"
        f"val_evaluator = {evaluator!r}\nval_dataloader = {tested!r}\n"
    )
    content["meta"] |= {"iter": 1200, "metrics": {"abs_rel": 0.0625, "d1": 0.96}}
    torch.save(content, checkpoint)
    return checkpoint, average, last


def test_averaged_or_plain_weights(model_file, tmp_path):
    cfg, out = model_file[1], tmp_path / "garden.safetensors"
    checkpoint, average, last = averaged_checkpoint(cfg, tmp_path)
    for weights, expected in ((None, average), ("ema", average), ("plain", last)):
        header = publish(cfg, checkpoint, out, "CC0-1.0", weights=weights)
        stored = load_file(out)
        assert all(torch.equal(stored[name], value) for name, value in expected.items())
        assert header.facts["weights"] == (
            "of the last step" if weights == "plain" else "averaged over the training (EMA)"
        )
        assert ("metrics" in header.facts) == (weights != "plain")  # the averaged weights were scored
    alone, _, _ = averaged_checkpoint(cfg, tmp_path, beside=False)
    user_error(
        lambda: publish(cfg, alone, out, "CC0-1.0", weights="plain"), "holds averaged weights alone", "epoch_*.pth"
    )
    plain, state = trained_checkpoint(cfg, tmp_path)
    user_error(lambda: publish(cfg, plain, out, "CC0-1.0", weights="ema"), "has no averaged weights", "EMAHook")
    publish(cfg, plain, out, "CC0-1.0", weights="plain")
    assert all(torch.equal(value, state[name]) for name, value in load_file(out).items())


def test_a_card_says_what_the_checkpoint_says(model_file, tmp_path):
    cfg, out = model_file[1], tmp_path / "garden.safetensors"
    checkpoint, average, _ = averaged_checkpoint(cfg, tmp_path)
    header = publish(cfg, checkpoint, out, "CC0-1.0", facts={"seed": 3})
    assert header.facts["metrics"] == {"abs_rel": 0.0625, "d1": 0.96}
    assert header.facts["protocol"] == "DepthMetric(protocol='nyu')"
    assert header.facts["tested_on"] == [{"kind": "NYUDataset", "root": "data/nyu", "split": "val"}]
    count = sum(value.numel() for value in average.values())
    expected = [
        "# garden", "Relative inverse depth per pixel: larger is nearer.", f"{count / 1e6:.1f} million weights.",
        "- backbone: `DINOv2(arch='tiny', out_indices=[0, 1, 2, 3])`",
        "at least 28 pixels of height and 28 of width, both multiples of 14, the aspect ratio kept",
        "- `RGBDDataset` `data/worlds` `train`", "After 1,200 iterations, weights averaged over the training (EMA).",
        "On `NYUDataset` `data/nyu` `val`, by `DepthMetric(protocol='nyu')`", "| abs_rel | 0.0625 |", "| d1 | 0.96 |",
        "## Licence\n\nCC0-1.0", "- seed: 3", 'load("garden.safetensors")',
    ]  # fmt: skip
    card = (tmp_path / "garden.md").read_text()
    for text in expected:
        assert text in card, text


def test_a_card_of_a_stranger_says_what_is_not_known(model_file, tmp_path):
    path, cfg, _ = model_file
    publish(cfg, path, tmp_path / "own.safetensors", "MIT")
    card = (tmp_path / "own.md").read_text()
    assert "The checkpoint does not say what it was trained on." in card
    assert "The checkpoint holds none; `tools/evaluate.py` measures them" in card


def run_test(config, checkpoint, folder):
    cfg = load_config(str(config))
    apply_test_options(cfg, str(checkpoint), str(folder / "test"))
    (folder / "scores.json").write_text(json.dumps(run_testing(cfg)))


def test_a_training_to_its_card(tmp_path):
    """The scores on the card of the best checkpoint are those that tools/test.py measures of it."""
    config = tiny_config(tmp_path / "own.py", write_nyu_frames(tmp_path / "data"))
    averaging = {"default_hooks.ema": {"type": "EMAHook", "momentum": 0.1}}
    log, best = tmp_path / "log", tmp_path / "work/best_abs_rel.pth"
    assert in_child(log, train, config, tmp_path / "work", averaging) == 0, log.read_text()
    assert in_child(log, run_test, config, best, tmp_path) == 0, log.read_text()
    header = publish(load_config(str(config)), best, tmp_path / "tiny.safetensors", "MIT")
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert {name: header.facts["metrics"][name] for name in ("abs_rel", "d1")} == {
        name: pytest.approx(scores[name], rel=1e-5) for name in ("abs_rel", "d1")
    }
    card = (tmp_path / "tiny.md").read_text()
    assert f"| abs_rel | {header.facts['metrics']['abs_rel']:.4g} |" in card
    assert f"`NYUDataset` `{tmp_path}/data` `val`, by `DepthMetric(protocol='nyu')`" in card
    assert "weights averaged over the training (EMA)" in card
