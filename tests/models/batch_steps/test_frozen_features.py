"""Features of a frozen encoder."""

import pytest
import torch
from support.depth_anything_peer import official_state
from support.models import FOUR_BLOCKS, small_estimator
from support.user_errors import user_error
from support.weight_files import WEIGHT_FILES, tiny_peer, write_weight_files

from mdetools.models import IMAGENET_MEAN, IMAGENET_STD
from mdetools.models.batch_steps import FrozenFeatures
from mdetools.registry import BATCH_STEPS

BACKBONE = dict(type="DINOv2", arch="tiny", out_indices=FOUR_BLOCKS)
UNLABELLED = [True, False, True]


@pytest.fixture
def encoder(tmp_path):
    """An encoder, and its weights in DINOv2's own format: without a backbone's prefix, with a mask token."""
    backbone = small_estimator().backbone.eval()
    state = {name.removeprefix("vit."): value for name, value in backbone.state_dict().items()}
    path = tmp_path / "dinov2_pretrain.pth"
    torch.save({**state, "mask_token": torch.zeros(1, 32)}, path)
    return backbone, str(path)


def batch():
    rng = torch.Generator().manual_seed(1)
    views = {name: torch.rand(3, 3, 28, 42, generator=rng) for name in ("image", "image_clean")}
    return {**views, "unlabelled": torch.tensor(UNLABELLED), "meta": {"id": list("abc")}}


def expected(backbone, image):
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
    with torch.no_grad():
        return backbone((image - mean) / std)[-1]


@pytest.mark.parametrize("view", ["image", "image_clean"])
def test_the_last_map_of_the_unlabelled_samples(encoder, view):
    backbone, path = encoder
    targets = batch()
    step = BATCH_STEPS.build(dict(type="FrozenFeatures", backbone=BACKBONE, checkpoint=path, view=view))
    found = step(targets, True)["features"]
    assert found.shape == (3, 32, 2, 3) and found.dtype == torch.float32 and "features" not in targets
    torch.testing.assert_close(found[UNLABELLED], expected(backbone, targets[view][UNLABELLED]), rtol=1e-6, atol=1e-6)
    assert found[1].isnan().all()


def test_all_samples(encoder):
    backbone, path = encoder
    targets = batch()
    del targets["unlabelled"]
    found = FrozenFeatures(BACKBONE, path, on=None)(targets, True)["features"]
    torch.testing.assert_close(found, expected(backbone, targets["image"]), rtol=1e-6, atol=1e-6)


def test_a_batch_of_labelled_samples_has_nan(encoder):
    targets = batch() | {"unlabelled": torch.zeros(3, dtype=torch.bool)}
    features = FrozenFeatures(BACKBONE, encoder[1])(targets, True)["features"]
    assert features.shape == (3, 32, 2, 3) and features.isnan().all()


def test_the_encoder_of_a_whole_model_is_taken(tmp_path):
    """Depth Anything's files have a decoder too, which is passed over; a file without all of the encoder is refused."""
    torch.save(official_state(tiny_peer()), tmp_path / "whole.pth")
    step = FrozenFeatures(BACKBONE, str(tmp_path / "whole.pth"))
    state = official_state(tiny_peer())
    features = step(batch(), True)["features"]
    assert features[UNLABELLED].isfinite().all()
    own = step.network.module.backbone.vit.blocks[0].norm1.weight
    assert torch.equal(own, state["pretrained.blocks.0.norm1.weight"])
    part = {name: value for name, value in state.items() if "blocks.3" not in name}
    torch.save(part, tmp_path / "part.pth")
    user_error(lambda: FrozenFeatures(BACKBONE, str(tmp_path / "part.pth"))(batch(), True), "it lacks", "blocks.3")


def test_the_encoder_of_any_format_is_taken(tmp_path):
    images, features = batch(), {}
    for name, path in write_weight_files(tmp_path).items():
        features[name] = FrozenFeatures(BACKBONE, str(path))(images, True)["features"][UNLABELLED]
    assert torch.equal(features["ours"], features["legacy"]) and torch.equal(features["official"], features["bin"])
    assert not torch.equal(features["ours"], features["official"]) and len(features) == len(WEIGHT_FILES)


def test_nothing_happens_and_nothing_is_read_outside_of_training():
    targets = batch()
    assert FrozenFeatures(BACKBONE, "missing.pth")(targets, False) is targets
    user_error(lambda: FrozenFeatures(BACKBONE, "missing.pth")(targets, True), "no checkpoint 'missing.pth'")
    user_error(lambda: FrozenFeatures(BACKBONE)(targets, True), "FrozenFeatures has no weights of its encoder")


def test_what_is_wrong_is_said(encoder):
    user_error(lambda: FrozenFeatures(BACKBONE, view="clean"), "no view 'clean'; did you mean 'image_clean'?")
    user_error(lambda: FrozenFeatures(BACKBONE, on="labelled"), "FrozenFeatures got on='labelled'; did you mean")
    targets = {name: value for name, value in batch().items() if name == "image"}
    clean = FrozenFeatures(BACKBONE, encoder[1], view="image_clean")
    user_error(lambda: clean(targets, True), "looks at 'image_clean', and the batch has none", "CleanView")
    user_error(lambda: FrozenFeatures(BACKBONE, encoder[1])(targets, True), "the batch has no 'unlabelled'")
