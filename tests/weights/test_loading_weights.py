import logging
import re

import pytest
import torch
from support.models import depth_anything

from mdetools.errors import UserError
from mdetools.weights.loading import load_matching, load_pretrained

BLOCKS = (0, 1, 2, 3)
BLOCK_WEIGHTS = 14


def narrow_model(blocks=BLOCKS, features=16):
    return depth_anything(None, head=dict(features=features, out_channels=(8, 8, 8, 8)), out_indices=blocks)


@pytest.fixture(scope="module")
def own():
    """Another model's weights, at random."""
    generator = torch.Generator().manual_seed(7)
    return {key: torch.randn(value.shape, generator=generator) for key, value in narrow_model().state_dict().items()}


@pytest.fixture
def model(shared):
    """A model whose weights are all 0."""
    for value in shared.state_dict().values():
        value.zero_()
    return shared


@pytest.fixture(scope="module")
def shared():
    return narrow_model()


@pytest.fixture
def logger(caplog):
    logger = logging.getLogger("pretrained")
    caplog.set_level(logging.INFO, logger="pretrained")
    return logger


def ours(tmp_path, state):
    torch.save({"meta": {"mdetools_version": "1.0"}, "state_dict": state}, tmp_path / "ours.pth")
    return tmp_path / "ours.pth"


def encoder(state):
    return {key: value for key, value in state.items() if key.startswith("backbone.")}


def named(caplog, title):
    """The names that the warning of this title lists, and the number that it states."""
    (line,) = [record.getMessage() for record in caplog.records if title in record.getMessage()]
    count, names = re.fullmatch(rf"(\d+) weights {title}: (.*)", line).groups()
    return int(count), names.split(", ")


def test_everything_loads(model, own, tmp_path, caplog, logger):
    load_pretrained(model, ours(tmp_path, own), encoder_only=False, logger=logger)
    assert all(torch.equal(value, own[key]) for key, value in model.state_dict().items())
    *_, line = [record.getMessage() for record in caplog.records]
    assert line == f"loaded {len(own)} of the model's {len(own)} weights from {tmp_path / 'ours.pth'}"
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("head_in_file", [True, False])
def test_encoder_only_leaves_the_head(model, own, tmp_path, caplog, logger, head_in_file):
    load_pretrained(model, ours(tmp_path, own if head_in_file else encoder(own)), encoder_only=True, logger=logger)
    for key, value in model.state_dict().items():
        expected = own[key] if key.startswith("backbone.") else torch.zeros_like(value)
        assert torch.equal(value, expected), key
    assert f"loaded {len(encoder(own))} of the model's {len(own)} weights" in caplog.text
    assert "everything but the encoder starts at random" in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_missing_weights_keep_their_start_and_are_named(model, own, tmp_path, caplog, logger):
    missing = ["backbone.vit.blocks.3.mlp.fc2.bias", "head.reducers.2.weight"]
    state = {key: value for key, value in own.items() if key not in missing}
    load_pretrained(model, ours(tmp_path, state), encoder_only=False, logger=logger)
    assert named(caplog, "not in the checkpoint, left at random") == (2, missing)
    for key, value in model.state_dict().items():
        assert torch.equal(value, own[key]) != (key in missing), key


@pytest.mark.parametrize("encoder_only", [True, False])
def test_what_is_left_out_keeps_its_start_and_is_told_once(model, own, tmp_path, caplog, logger, encoder_only):
    left = ["head.output", "backbone.vit.blocks.3."]
    load_pretrained(model, ours(tmp_path, own), encoder_only, logger, leave_out=left)
    for key, value in model.state_dict().items():
        taken = not key.startswith(tuple(left)) and (key.startswith("backbone.") or not encoder_only)
        assert torch.equal(value, own[key] if taken else torch.zeros_like(value)), key
    assert "what begins with head.output, backbone.vit.blocks.3. starts at random" in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_there_must_be_something_to_leave_out(model, own, tmp_path, logger):
    told = "pretrained.leave_out: no weight of the model begins with 'head.ouput'; expected one of: backbone.vit, "
    with pytest.raises(UserError, match=told):
        load_pretrained(model, ours(tmp_path, own), False, logger, leave_out=["head.ouput"])


def test_unknown_weights_are_named(model, own, tmp_path, caplog, logger):
    """A V2 file has blocks after the last one that this model takes."""
    later = {key.replace(".blocks.3.", ".blocks.4."): value for key, value in own.items() if ".blocks.3." in key}
    load_pretrained(model, ours(tmp_path, own | later), encoder_only=False, logger=logger)
    assert named(caplog, "not in the model, left out") == (BLOCK_WEIGHTS, list(later))
    assert f"loaded {len(own)} of the model's {len(own)} weights" in caplog.text


def test_dinov2_into_a_model_with_another_head(model, own, tmp_path, caplog, logger):
    prefix = "backbone.vit."
    state = {key.removeprefix(prefix): value for key, value in encoder(own).items()}
    torch.save(state | {"mask_token": torch.zeros(1, 384)}, tmp_path / "dinov2.pth")
    load_pretrained(model, tmp_path / "dinov2.pth", encoder_only=False, logger=logger)
    assert all(torch.equal(model.state_dict()[key], value) for key, value in encoder(own).items())
    count, names = named(caplog, "not in the checkpoint, left at random")
    assert names == [key for key in own if not key.startswith("backbone.")]
    assert count == len(names)


def test_nothing_that_fits(model, own, tmp_path, logger):
    other = {"backbone.conv1.weight": torch.zeros(8, 3, 3, 3), "head.conv.weight": torch.zeros(1)}
    message = r"nothing in '.*ours.pth' fits the model: its first weights are \['backbone.conv1.weight'"
    with pytest.raises(UserError, match=message):
        load_pretrained(model, ours(tmp_path, other), encoder_only=False, logger=logger)
    head = {key: value for key, value in own.items() if key.startswith("head.")}
    with pytest.raises(UserError, match="nothing in '.*ours.pth' fits the model"):
        load_pretrained(model, ours(tmp_path, head), encoder_only=True, logger=logger)


def test_another_size_names_the_shapes_and_changes_nothing(model, own, tmp_path, logger):
    """A file of ViT-B's, whose first weight is twice as wide, into ViT-S."""
    prefix = "backbone.vit."
    base = {
        key.replace(prefix, "pretrained."): value.repeat(*[1] * (value.ndim - 1), 2)
        for key, value in encoder(own).items()
    }
    torch.save(base, tmp_path / "vitb.pth")
    message = r"vitb.pth' is of another .* backbone.vit.cls_token is \(1, 1, 768\) there and \(1, 1, 384\) in the model"
    for encoder_only in (True, False):
        with pytest.raises(UserError, match=message):
            load_pretrained(model, tmp_path / "vitb.pth", encoder_only, logger)
    assert not any(value.any() for value in model.state_dict().values())


def test_matching_loads_every_weight_or_none(model, own):
    load_matching(model, own, "own.pth")
    assert all(torch.equal(value, own[key]) for key, value in model.state_dict().items())
    key = "backbone.vit.norm.bias"
    less = {name: value for name, value in own.items() if name != key}
    cases = [
        (less, rf"'own.pth' is of another .* lacks 1 weights \['{key}'\] and has 0 unknown ones"),
        (own | {"head.more": torch.zeros(1)}, r"lacks 0 weights \[\] and has 1 unknown ones \['head.more'\]"),
        (own | {key: torch.zeros(768)}, rf"{key} is \(768,\) there and \(384,\) in the model"),
    ]
    for state, message in cases:
        with pytest.raises(UserError, match=message):
            load_matching(model, {name: value + 1 for name, value in state.items()}, "own.pth")
    assert all(torch.equal(value, own[key]) for key, value in model.state_dict().items())
