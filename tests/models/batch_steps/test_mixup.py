"""Mixup and CutMix of whole images, their labels and their further channels."""

import numpy as np
import pytest
import torch
from support.user_errors import user_error

from mdetools.models.batch_steps import Mixup
from mdetools.models.losses import CrossEntropyLoss
from mdetools.testing import example_targets

LABELS = torch.tensor([0, 3, 1, 2])


def batch(labels=LABELS):
    twice = [example_targets((6, 8)), example_targets((6, 8))]
    targets = {
        name: torch.cat([part[name] for part in twice])
        for name in ("image", "depth", "valid_mask", "size", "intrinsics")
    }
    generator = torch.Generator().manual_seed(3)
    targets["image"] = torch.rand(4, 3, 6, 8, generator=generator)
    targets["depth_channel"] = torch.randn(4, 1, 6, 8, generator=generator)
    return {**targets, "label": labels, "meta": {"id": list("abcd")}}


def test_images_channels_and_labels_are_mixed_in_one_share():
    torch.manual_seed(0)
    before = batch()
    mixed = Mixup(5, alpha=1.0)(batch(), True)
    label = mixed["label"].double().numpy()
    np.testing.assert_allclose(label.sum(1), 1, atol=1e-6)
    share = label[0, 0]
    assert 0.01 < share < 0.99
    for row, (own, other) in enumerate(zip(LABELS.tolist(), LABELS.flip(0).tolist(), strict=True)):
        expected = np.zeros(5)
        expected[own] += share
        expected[other] += 1 - share
        np.testing.assert_allclose(label[row], expected, atol=1e-6)
    for name in ("image", "depth_channel"):
        values = before[name].double()
        expected = share * values + (1 - share) * values.flip(0)
        np.testing.assert_allclose(mixed[name].numpy(), expected.numpy(), atol=1e-6)


def test_cutmix_replaces_one_box_by_the_other_image_and_counts_its_area():
    torch.manual_seed(4)
    before, mixed = batch(), Mixup(5, alpha=0.0, cutmix_alpha=1.0)(batch(), True)
    other = (mixed["image"] == before["image"].flip(0)).all(1) & (mixed["image"] != before["image"]).any(1)
    own = (mixed["image"] == before["image"]).all(1)
    assert (own | other).all() and other.any()
    area = other[0].double().mean().item()
    assert mixed["label"][0, 0].item() == pytest.approx(1 - area, abs=1e-6)
    channel = torch.where(other[:, None], before["depth_channel"].flip(0), before["depth_channel"])
    assert torch.equal(mixed["depth_channel"], channel)


def test_what_holds_for_one_image_is_dropped():
    mixed = Mixup(5)(batch(), True)
    assert set(mixed) == {"image", "depth_channel", "label", "size", "meta"}


def test_it_draws_from_torchs_generator_alone():
    found, state = [], np.random.get_state()[1].copy()
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        found.append(Mixup(5, alpha=1.0)(batch(), True)["label"])
    assert torch.equal(found[0], found[1]) and not torch.equal(found[0], found[2])
    assert np.array_equal(np.random.get_state()[1], state)
    targets = batch()
    assert Mixup(5)(targets, False) is targets


def test_the_loss_of_mixed_labels_is_the_mix_of_the_losses():
    torch.manual_seed(0)
    mixed = Mixup(5, alpha=1.0)(batch(), True)
    scores = torch.randn(4, 5, generator=torch.Generator().manual_seed(0))
    logs = scores.double().numpy()
    logs = logs - np.log(np.exp(logs).sum(1, keepdims=True))
    share = mixed["label"][0, 0].item()
    rows = np.arange(4)
    expected = -(share * logs[rows, LABELS] + (1 - share) * logs[rows, LABELS.flip(0)]).mean()
    assert CrossEntropyLoss()({"scores": scores}, mixed).item() == pytest.approx(expected, rel=1e-5)


def test_what_cannot_be_mixed_is_told():
    user_error(
        lambda: Mixup(5)({name: value[:3] for name, value in batch().items() if name != "meta"}, True), "3 images"
    )
    user_error(lambda: Mixup(3)(batch(), True), "label 3", "0 to 2")
    user_error(lambda: Mixup(5)(batch(torch.tensor([0, -1, 1, 2])), True), "label -1")
    user_error(lambda: Mixup(5)({"image": torch.zeros(2, 3, 4, 4)}, True), "needs `label`")
    user_error(lambda: Mixup(5, alpha=0.0), "above 0")
