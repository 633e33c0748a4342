"""What benchmarks/relative_losses.py shows, with one seed."""

import numpy as np
import pytest
import torch

from benchmarks.relative_losses import LOSSES, abs_rel, lost_scales, rooms, train


def test_scales_and_shifts_belong_to_sets_and_frames():
    scale, shift = lost_scales(400, seed=0)
    assert scale.shape == shift.shape == (400, 1, 1, 1)
    assert scale.min() > 0.1 and scale.max() < 10 and shift.min() >= 0 and shift.max() <= 5
    assert np.log10(scale).std() > 0.3 and len(scale.unique()) == 400
    assert torch.equal(scale, lost_scales(400, seed=0)[0])


def test_what_is_scored():
    """The true depth, after any scale and shift above 0, has no error; a constant has one."""
    _, depths = rooms("val", 3)
    images = (255 / depths.clamp(min=1)).to(torch.uint8).expand(-1, 3, -1, -1)

    class Reader(torch.nn.Module):
        def data_preprocessor(self, batch):
            return batch

        def forward(self, image):
            return {"inverse_depth": image[:, :1].float() * 3 + 7}

    assert abs_rel(Reader(), (images, depths.clamp(min=1))) < 0.05 < abs_rel(None, (images, depths))


@pytest.mark.slow
def test_the_affine_invariant_loss_learns_what_l1_does_not():
    """The same network, frames and steps: at most 0.7 of L1's aligned error."""
    data, others = rooms("train", 240), rooms("val", 40)
    affine, absolute = (
        abs_rel(train(LOSSES[name], data, epochs=8, lr=3e-3, seed=1), others) for name in ("affine-invariant", "L1")
    )
    assert affine <= 0.7 * absolute, (affine, absolute)
