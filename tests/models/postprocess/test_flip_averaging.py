"""Averaging with the mirrored image's prediction."""

import numpy as np
import torch

from mdetools.models.postprocess.flip_averaging import merge_flipped, merge_stereo


def test_sides_come_from_the_map_that_knows_them():
    """On 201 columns a step is 0.5 %: columns 0..10 and 190..200 are pure, the next ten a ramp, the rest a mean."""
    straight, flipped = torch.full((1, 1, 2, 201), 2.0), torch.full((1, 1, 2, 201), 6.0)
    merged = merge_stereo(straight, flipped)[0, 0, 0].double().numpy()
    side = np.clip((np.arange(201) / 200 - 0.05) / 0.05, 0, 1)  # 0 at the left side, 1 from a tenth of the width on
    expected = 6 * (1 - side) + 2 * (1 - side[::-1]) + 4 * (side + side[::-1] - 1)
    assert np.abs(merged - expected).max() < 1e-5
    np.testing.assert_allclose(merged[[0, 10, 20, 180, 190, 200]], [6, 6, 4, 4, 2, 2], rtol=1e-6)


def test_mean_mirrors_the_second_map_back():
    straight = torch.tensor([[[[1.0, 2.0, 4.0]]]])
    flipped = torch.tensor([[[[10.0, 20.0, 40.0]]]], dtype=torch.bfloat16)
    merged = merge_flipped({"depth": straight, "features": []}, {"depth": flipped}, "mean")
    assert list(merged) == ["depth"]
    assert merged["depth"].tolist() == [[[[20.5, 11.0, 7.0]]]]
