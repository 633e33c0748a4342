"""A model in the formats of others: the same weights, the same map, and what is different said in numbers."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from support.conversion import convertible
from support.depth_anything_peer import official_state, redraw
from support.models import METRIC, RELATIVE
from support.weight_files import tiny_peer

from mdetools.apis.conversion import convert
from mdetools.apis.conversion.differences import (
    differences,
    model_input,
    predict,
    processor_size,
    transformers_manner,
)
from mdetools.apis.conversion.source import read_source
from mdetools.apis.map_difference import made_up_picture
from mdetools.datasets.transforms.geometric import Resize
from mdetools.registry import MODELS

OUTPUTS = {"depth": METRIC, "inverse_depth": RELATIVE}
PICTURE = made_up_picture(240, 320)


@pytest.fixture(scope="module", params=OUTPUTS)
def official(request, tmp_path_factory):
    """A released file's weights, of a metric and of a relative model: its path, and the config."""
    peer = tiny_peer(metric=request.param == "depth")
    redraw(peer, seed=2)
    path = tmp_path_factory.mktemp("official") / "released.pth"
    torch.save(official_state(peer), path)
    return path, convertible(OUTPUTS[request.param])


@pytest.fixture(scope="module")
def folder(official, tmp_path_factory):
    """The same model as a Hugging Face folder, and what was said of it."""
    path, cfg = official
    out = tmp_path_factory.mktemp("folder") / "my-model"
    return out, convert(path, out, "huggingface", cfg)


def states_are_equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], value) for name, value in other.items())


def shares(expected, found):
    """The largest and the mean difference as shares of the range of what is expected."""
    apart = (expected.double() - found.double()).abs() / (expected.max() - expected.min()).double()
    return apart.max().item(), apart.mean().item()


def load(path):
    return torch.load(path, weights_only=True)


def test_official_to_ours_to_official(official, tmp_path):
    path, cfg = official
    convert(path, tmp_path / "own.pth", "mdetools", cfg)
    outcome = convert(tmp_path / "own.pth", tmp_path / "again.pth", "official")  # which knows its model
    before, after = load(path), load(tmp_path / "again.pth")
    assert before.keys() == after.keys()
    assert len(outcome.unused) == 5 and outcome.weights == len(before) - 5
    for name, value in before.items():
        assert torch.equal(after[name], torch.zeros_like(value) if name in outcome.unused else value), name
    assert outcome.differences == []  # its code resizes and resamples as mdetools does


def test_ours_to_hugging_face_to_ours(official, folder, tmp_path):
    path, cfg = official
    convert(path, tmp_path / "own.pth", "mdetools", cfg)
    convert(folder[0], tmp_path / "again.pth", "mdetools")
    own, again = load(tmp_path / "own.pth"), load(tmp_path / "again.pth")
    assert states_are_equal(own["state_dict"], again["state_dict"])
    ways = [read_source(tmp_path / name) for name in ("own.pth", "again.pth")]
    step = Resize()
    maps = [predict(one.model, step, PICTURE, (252, 336), one.model.backbone.pos_embed_offset, F.interpolate)
            for one in ways]  # fmt: skip
    assert ways[1].model.backbone.pos_embed_offset == 0.1
    assert torch.equal(*maps)
    assert maps[0].std() > 0


def test_transformers_gives_the_map_of_our_tensor(official, folder):
    from transformers import DepthAnythingForDepthEstimation

    peer = DepthAnythingForDepthEstimation.from_pretrained(folder[0]).eval()
    assert {type(module).__name__ for module in peer.head.modules()} >= {
        "Sigmoid" if official[1].model.head.output == METRIC else "ReLU"
    }
    model = read_source(*official).model
    quantity, largest = model.head.output.quantity, {}
    for offset in (0.1, None):
        model.backbone.pos_embed_offset = offset
        for size in ((518, 518), (252, 336), (140, 518)):
            tensor = model_input(model, Resize(), PICTURE, size)
            with torch.inference_mode():
                ours, theirs = model(tensor)[quantity][:, 0], peer(tensor).predicted_depth
            assert theirs.std() > 0.05 * (theirs.max() - theirs.min())
            largest[size, offset] = shares(theirs, ours)[0]
    print(quantity, {key: f"{value:.1e}" for key, value in largest.items()})
    assert folder[1].agreement < 1e-3
    for (size, offset), share in largest.items():
        if size == (518, 518) or offset is None:
            assert share < 1e-3
        else:
            assert share > 1e-2  # transformers resamples position embeddings in another way


def test_the_pipeline_runs_the_folder_and_differs_as_measured(official, folder):
    """The map of `pipeline`, from a picture of 320x240, is ours run in its manner; both differences are told."""
    from transformers import AutoImageProcessor, pipeline

    result = pipeline("depth-estimation", model=str(folder[0]))(Image.fromarray(PICTURE))
    theirs = result["predicted_depth"][None, None]
    assert theirs.shape[-2:] == (240, 320)
    pixels = AutoImageProcessor.from_pretrained(folder[0])(images=Image.fromarray(PICTURE), return_tensors="pt")
    tensor = pixels["pixel_values"]
    assert tensor.shape[-2:] == (392, 518)
    model = read_source(*official).model
    manner = transformers_manner(Resize())
    assert manner.size(240, 320) == (392, 518)
    # Its bytes are rounded after the resize, and ours are floats
    assert (tensor - model_input(model, Resize(), PICTURE, (392, 518))).abs().mean() < 0.02
    model.backbone.pos_embed_offset = manner.offset
    with torch.inference_mode():
        own = manner.back(model(tensor)[model.head.output.quantity], (240, 320))
    assert shares(theirs, own)[0] < 1e-3
    model.backbone.pos_embed_offset = 0.1
    embeddings, size, both = folder[1].differences
    print(*folder[1].differences, sep="\n")
    assert "position embeddings as transformers resamples them, at 686x518" in str(embeddings)
    assert "run at 518x392 in place of 686x518" in str(size)
    assert both.what == "both"
    assert all(one.largest > 1e-2 and 0 < one.mean < one.largest for one in (embeddings, size, both))
    usual = predict(model, Resize(), PICTURE, (518, 686), 0.1, lambda v, s: F.interpolate(v, s, None, "bilinear", True))
    assert shares(usual, theirs)[1] == pytest.approx(both.mean, rel=0.1)


@pytest.mark.parametrize(("height", "width"), [(240, 320), (480, 640), (375, 1242), (700, 500), (518, 518), (61, 1000)])
@pytest.mark.parametrize("keep_aspect", [True, False])
def test_the_processors_sizes(height, width, keep_aspect):
    from transformers import DPTImageProcessor

    processor = DPTImageProcessor(
        size=dict(height=518, width=518), ensure_multiple_of=14, keep_aspect_ratio=keep_aspect
    )
    pixels = processor(images=np.zeros((height, width, 3), np.uint8), return_tensors="pt")["pixel_values"]
    assert tuple(pixels.shape[-2:]) == processor_size(height, width, (518, 518), 14, keep_aspect)


def test_cards_and_json_say_what_was_measured(official, folder):
    card = (folder[0] / "README.md").read_text()
    assert card.startswith("---\nlibrary_name: transformers\npipeline_tag: depth-estimation\n---\n")
    for difference in folder[1].differences:
        assert f"  - {difference}." in card
    for name in folder[1].unused:
        assert f"`{name}`" in card
    assert "Measured on a made-up picture of 320x240" in card
    metric = official[1].model.head.output == METRIC
    assert ("in metres" in card) == metric and ("scale and shift are unknown" in card) != metric
    said = json.loads((folder[0] / "config.json").read_text())
    assert (said["depth_estimation_type"], said["max_depth"]) == (("metric", 10) if metric else ("relative", 1))
    assert said["backbone_config"]["out_indices"] == [1, 2, 3, 4]
    processor = json.loads((folder[0] / "preprocessor_config.json").read_text())
    assert processor["size"] == {"height": 518, "width": 518} and processor["ensure_multiple_of"] == 14


def test_another_program_at_another_size_is_measured_for_the_official_code_too(tmp_path):
    torch.manual_seed(0)
    cfg = convertible(size=28, pos_embed_offset=None)
    torch.save(MODELS.build(cfg.model).state_dict(), tmp_path / "own.pth")
    outcome = convert(tmp_path / "own.pth", tmp_path / "there.pth", "official", cfg)
    told = [one.what for one in outcome.differences]
    assert told[0].startswith("position embeddings as Depth Anything's code resamples them, at 42x28")
    assert told[1].startswith("run at 686x518 in place of 42x28")
    assert (
        "DepthAnythingV2(encoder='tiny', features=8, out_channels=[8, 8, 8, 8], max_depth=10)"
        in (tmp_path / "there.md").read_text()
    )


def test_what_differs_is_nothing_where_all_is_the_same(official):
    source = read_source(*official)
    source.model.backbone.pos_embed_offset = None
    picture = PICTURE[:, :240]
    (only,) = differences(source.model, source.resize, transformers_manner(Resize()), picture)  # how it is brought back
    assert only.what.startswith("resized and brought back to 240x240")
