"""What cannot be converted is one line, and nothing is written; and the tool."""

import json

import pytest
import torch
from support.conversion import convertible
from support.depth_anything_peer import official_state, redraw
from support.models import METRIC, RELATIVE
from support.user_errors import user_error
from support.weight_files import hugging_face_folder, tiny_peer

from mdetools.apis.conversion import convert
from mdetools.apis.conversion.peer import agreement
from mdetools.apis.conversion.source import read_source
from mdetools.apis.map_difference import made_up_picture
from mdetools.apis.publishing import publish
from mdetools.registry import MODELS
from mdetools.weights.claims import claims_of_model

CALIBRATED = dict(type="CalibratedOutput", output=METRIC, space="log_depth", scale=1.25, shift=-0.5)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A released file's weights."""
    peer = tiny_peer()
    redraw(peer, seed=2)
    path = tmp_path_factory.mktemp("released") / "released.pth"
    torch.save(official_state(peer), path)
    return path


def checkpoint_of(cfg, folder):
    torch.save(MODELS.build(cfg.model).state_dict(), folder / "own.pth")
    return folder / "own.pth"


@pytest.mark.parametrize(
    ("to", "changes", "said"),
    [
        ("official", dict(output=CALIBRATED), "cannot hold a calibration (space log_depth, scale 1.25, shift -0.5)"),
        ("huggingface", dict(output=CALIBRATED), "convert the checkpoint that was calibrated"),
        ("official", dict(output=dict(type="SoftplusInverseDepth")), "the output SoftplusInverseDepth, expected"),
        ("huggingface", dict(head=dict(num_outputs=3)), "3 channels of output, expected 1"),
        (
            "huggingface",
            dict(output=dict(type="SigmoidDepth", max_depth=12.5)),
            "max_depth 12.5, expected whole metres",
        ),
        ("huggingface", dict(head=dict(use_bn=True)), "the batch normalisation of use_bn=True"),
        ("huggingface", dict(out_indices=(3, 2, 1, 0)), "blocks in the order (3, 2, 1, 0)"),
        ("official", dict(out_indices=(3, 2, 1, 0)), "the blocks (3, 2, 1, 0), expected those of Depth Anything V2"),
        (
            "official",
            dict(model=dict(data_preprocessor=dict(mean=(0.5, 0.5, 0.5)))),
            "the preprocessing mean (0.5, 0.5",
        ),
    ],
)
def test_what_a_format_cannot_hold_is_one_line(tmp_path, to, changes, said):
    cfg = convertible(**changes)
    out = tmp_path / ("there" if to == "huggingface" else "there.pth")
    path = checkpoint_of(cfg, tmp_path)
    user_error(lambda: convert(path, out, to, cfg), said, f"the format '{to}' cannot hold", "--to mdetools")
    assert [file.name for file in tmp_path.iterdir()] == ["own.pth"]


def test_other_networks_are_one_line(tmp_path):
    cfg = convertible()
    cfg.model.backbone = dict(type="TimmBackbone", name="resnet18", pretrained=False, out_indices=(1, 2, 3, 4))
    path = checkpoint_of(cfg, tmp_path)
    user_error(
        lambda: convert(path, tmp_path / "there.pth", "official", cfg), "cannot hold TimmBackbone, expected DINOv2"
    )


@pytest.mark.parametrize("to", ["huggingface", "official"])
def test_the_network_of_a_shipped_model_is_told(run_tool, tmp_path, to):
    out = tmp_path / ("there" if to == "huggingface" else "there.pth")
    code, _, errors = run_tool("convert_checkpoint", "mdetools-tiny", out, "--to", to)
    assert code == 2 and f"the format '{to}' cannot hold TimmBackbone, expected DINOv2 in its place" in errors
    assert not list(tmp_path.iterdir())


def test_the_network_is_told_before_a_missing_resize_or_other_weights(tmp_path):
    cfg, out, state = convertible(), tmp_path / "there.pth", {"backbone.x": torch.zeros(1)}
    cfg.model.backbone = dict(type="TimmBackbone", name="resnet18", pretrained=False, out_indices=(1, 2, 3, 4))
    cfg.pop("test_dataloader")
    torch.save({"state_dict": state, "meta": {"mdetools_version": "1.0", "cfg": cfg.pretty_text}}, tmp_path / "own.pth")
    for given in (cfg, None):
        user_error(
            lambda given=given: convert(tmp_path / "own.pth", out, "official", given), "cannot hold TimmBackbone"
        )
    user_error(lambda: convert(tmp_path / "own.pth", out, "mdetools", cfg), "has no Resize")


def test_a_shipped_model_becomes_a_checkpoint(tmp_path):
    convert("mdetools-tiny", tmp_path / "own.pth", "mdetools")
    assert type(read_source(tmp_path / "own.pth").model.backbone).__name__ == "TimmBackbone"


def test_a_format_holds_more_than_the_usual(tmp_path):
    """V1's blocks for relative depth; batch normalisation; another mean; a range of its own."""
    for to, changes in (
        ("official", dict(head=dict(use_bn=True), output=dict(type="SigmoidDepth", max_depth=12.5))),
        ("huggingface", dict(model=dict(data_preprocessor=dict(mean=(0.5, 0.4, 0.3))), output=RELATIVE)),
    ):
        cfg, out = convertible(**changes), tmp_path / ("there" if to == "huggingface" else "there.pth")
        path = checkpoint_of(cfg, tmp_path)
        convert(path, out, to, cfg, measure=False)
        again = read_source(out, cfg if to == "official" else None)
        before = torch.load(path, weights_only=True)
        assert again.state.keys() == before.keys()
        assert all(torch.equal(again.state[name], value) for name, value in before.items())
        assert claims_of_model(again.model) == claims_of_model(MODELS.build(cfg.model))


def test_a_bare_file_needs_a_config(released, tmp_path):
    user_error(
        lambda: convert(released, tmp_path / "own.pth", "mdetools"),
        "does not say of which model it is",
        "--config dav2/vits_nyu",
    )


@pytest.mark.parametrize(
    ("out", "to", "said"),
    [
        ("own.pth", "offical", "there is no format 'offical'; did you mean 'official'?"),
        ("own.safetensors", "official", "expected NAME.pth for --to official"),
        ("released.pth", "huggingface", "is a file, expected a folder"),
        ("", "huggingface", "holds what is to be converted; name another folder"),
        ("released.pth", "official", "is what is to be converted; name another file"),
    ],
)
def test_places_that_cannot_be(released, out, to, said):
    before = released.read_bytes()
    user_error(lambda: convert(released, released.parent / out, to, convertible()), said)
    assert released.read_bytes() == before


def test_a_folder_of_others_resamples_as_transformers_does(tmp_path):
    peer = tiny_peer(max_depth=20)
    folder = hugging_face_folder(tmp_path / "theirs", peer)
    model = read_source(folder).model
    assert model.backbone.pos_embed_offset is None
    assert model.head.output.max_depth == 20
    config = json.loads((folder / "config.json").read_text())
    config["backbone_config"]["hidden_size"] = 48
    (folder / "config.json").write_text(json.dumps(config))
    user_error(lambda: read_source(folder), "hidden_size is 48, expected one of [32, 384, 768, 1024, 1536]")


def test_a_folder_that_gives_another_map_is_refused(released, tmp_path):
    cfg = convertible()
    convert(released, tmp_path / "there", "huggingface", cfg, measure=False)
    config = json.loads((tmp_path / "there/config.json").read_text())
    (tmp_path / "there/config.json").write_text(json.dumps(config | {"max_depth": 11}))
    model = read_source(released, cfg).model
    user_error(lambda: agreement(tmp_path / "there", model, made_up_picture()), "transformers' map differs", "0.1%")


def test_a_published_file_knows_its_model_and_its_licence(released, tmp_path):
    cfg = convertible()
    publish(cfg, released, tmp_path / "garden.safetensors", "Apache-2.0", facts={"metrics": {"abs_rel": 0.0512}})
    convert(tmp_path / "garden.safetensors", tmp_path / "there", "huggingface", measure=False)
    card = (tmp_path / "there/README.md").read_text()
    assert "\nlicense: apache-2.0\n" in card and "| abs_rel | 0.0512 |" in card
    assert "was not measured" in card
    again, expected = read_source(tmp_path / "there"), read_source(released, cfg).state
    assert again.state.keys() == expected.keys()
    assert all(torch.equal(again.state[name], value) for name, value in expected.items())


def test_the_tool_prints_what_it_did(released, tmp_path, run_tool):
    convertible().dump(tmp_path / "own.py")
    out = tmp_path / "there"
    arguments = (released, out, "--to", "huggingface", "--config", tmp_path / "own.py")
    code, printed, errors = run_tool("convert_checkpoint", *arguments)
    assert code in (0, None), errors
    assert "weights, bit for bit" in printed and str(out / "model.safetensors") in printed
    assert "5 that no forward pass uses are zeros: backbone.embeddings.mask_token, neck.fusion_stage" in printed
    assert "transformers' map of the same tensor, 518x518: at most" in printed
    assert "different there: run at 518x392 in place of 686x518" in printed
    card = (out / "README.md").read_bytes()
    code, _, errors = run_tool("convert_checkpoint", *arguments)
    assert code == 2 and f"'{out}/config.json' and 3 more of the files to write are there already" in errors
    assert (out / "README.md").read_bytes() == card
    arguments += ("--overwrite",)
    code, _, errors = run_tool("convert_checkpoint", *arguments, "--config", "dav2/vits_nyu")  # by its name
    assert code == 2 and "is of another architecture than the config" in errors
    code, _, errors = run_tool("convert_checkpoint", *arguments[:4], "--overwrite", "--cfg-options", "a=1")
    assert code == 2 and "give it by --config" in errors
