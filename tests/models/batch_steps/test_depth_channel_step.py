"""Depth from a data set as a channel behind the image."""

import numpy as np
import pytest
import torch

from mdetools.datasets.transforms.geometric import resize_nearest
from mdetools.models.batch_steps import DepthChannel
from mdetools.registry import MODELS
from mdetools.testing import example_targets


def batch(*names, size=(12, 16)):
    targets = example_targets(size)
    return {name: targets[name] for name in ("image", "valid_mask", *names)}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", ["depth", "inverse_depth"])
def test_it_is_inverse_depth_of_mean_0_and_deviation_1(name, training):
    targets = batch(name)
    channel = DepthChannel()(targets, training)["depth_channel"].double().numpy()
    for image, values, known in zip(
        channel, targets[name].double().numpy(), targets["valid_mask"].numpy(), strict=True
    ):
        inverse = 1 / values[known] if name == "depth" else values[known]
        expected = (inverse - inverse.mean()) / (inverse.std() + 1e-3 * inverse.mean())
        np.testing.assert_allclose(image[known], expected, rtol=1e-4, atol=1e-5)
        assert not image[~known].any()


def test_a_map_of_another_size_is_resized_as_in_training():
    """`Resize` takes the pixel whose centre is nearest; no centre lies between two at these sizes."""
    targets = batch("inverse_depth", size=(11, 13))
    small = {**targets, "image": torch.zeros(2, 3, 6, 8)}
    resized = {
        name: torch.from_numpy(np.stack([resize_nearest(one[0].numpy(), 6, 8)[None] for one in targets[name]]))
        for name in ("inverse_depth", "valid_mask")
    }
    step = DepthChannel()
    assert torch.equal(step(small, False)["depth_channel"], step({**small, **resized}, False)["depth_channel"])


def test_a_batch_without_depth_stays_as_it_is():
    targets = batch()
    assert DepthChannel()(targets, True) is targets


def test_the_preprocessor_puts_it_behind_the_normalised_image():
    config = dict(type="DataPreprocessor", steps=dict(depth=dict(type="DepthChannel")))
    preprocessor, plain = MODELS.build(config), MODELS.build(dict(type="DataPreprocessor"))
    data = {**batch("depth"), "image": torch.zeros(2, 3, 12, 16, dtype=torch.uint8)}
    prepared = preprocessor(data)
    assert torch.equal(prepared["image"][:, :3], plain(data)["image"])
    assert torch.equal(prepared["image"][:, 3:], prepared["targets"]["depth_channel"])
    assert plain(data)["image"].shape[1] == 3
