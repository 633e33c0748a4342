import numpy as np
import pytest
import torch
from support.losses import (
    HALF_TYPES,
    assert_empty,
    assert_gradient,
    assert_half_precision,
    assert_relative_inputs_are_named,
    normalized,
    random_batch,
    tensors,
)

from mdetools.models.losses import affine_invariant_loss, affine_normalize
from mdetools.registry import LOSSES
from mdetools.testing import check_loss


def written_out(prediction, target, mask):
    """Mean over images of the mean over their valid pixels, in float64."""
    images = [
        np.abs(normalized(p, m) - normalized(t, m))[m].mean() for p, t, m in zip(prediction, target, mask, strict=True)
    ]
    return np.mean(images)


def test_value():
    prediction, target, mask = random_batch(0)
    loss = affine_invariant_loss(*tensors(prediction, target, mask))
    assert loss.item() == pytest.approx(written_out(prediction, target, mask), rel=1e-5)


def test_gradient():
    prediction, target, mask = random_batch(5, (2, 1, 5, 6))
    assert_gradient(
        lambda values: affine_invariant_loss(values, *tensors(target, mask)),
        lambda values: written_out(values, target, mask),
        torch.from_numpy(prediction),
    )


def test_empty():
    prediction, target, mask = tensors(*random_batch(3))
    assert_empty(lambda values: affine_invariant_loss(values, target, torch.zeros_like(mask)), prediction)


@pytest.mark.parametrize("dtype", HALF_TYPES)
def test_half_precision(dtype):
    prediction, target, mask = random_batch(6)
    assert_half_precision(
        lambda values: affine_invariant_loss(values, *tensors(target, mask)),
        lambda values: written_out(values, target, mask),
        torch.from_numpy(prediction).to(dtype),
        rel=1e-5,
    )


def test_battery():
    check_loss(LOSSES.build({"type": "AffineInvariantLoss"}), "inverse_depth")
    check_loss(LOSSES.build({"type": "AffineInvariantLoss"}), "disparity")


def test_what_is_missing_is_named():
    assert_relative_inputs_are_named(LOSSES.build({"type": "AffineInvariantLoss"}))


def test_an_image_without_valid_pixels_is_not_averaged():
    prediction, target, mask = tensors(*random_batch(1))
    mask[1] = False
    kept = [0, 2]
    expected = affine_invariant_loss(prediction[kept], target[kept], mask[kept])
    torch.testing.assert_close(affine_invariant_loss(prediction, target, mask), expected)


def test_scale_and_shift_of_each_image_do_not_matter():
    prediction, target, mask = tensors(*random_batch(2))
    scale, shift = torch.tensor([0.01, 1.0, 300.0]).view(3, 1, 1, 1), torch.tensor([-3.0, 0.5, 40.0]).view(3, 1, 1, 1)
    loss = affine_invariant_loss(prediction * scale + shift, target, mask)
    assert loss.item() == pytest.approx(affine_invariant_loss(prediction, target, mask).item(), rel=1e-3)
    assert affine_invariant_loss(target * scale + shift, target, mask).item() == pytest.approx(0, abs=1e-3)
    assert affine_invariant_loss(-target, target, mask).item() > 1


def test_median_of_an_even_count_is_the_lower_one():
    values = torch.tensor([[5.0, 1.0, 3.0, 9.0, -100.0]])
    mask = torch.tensor([[True, True, True, True, False]])
    # Median 3, deviations 2, 2, 0, 6: mean 2.5.
    expected = torch.tensor([[0.8, -0.8, 0.0, 2.4, 0.0]])
    torch.testing.assert_close(affine_normalize(values, mask), expected)


def test_gradient_flows_through_median_and_deviation():
    values = torch.tensor([[5.0, 1.0, 3.0, 9.0, 4.0]], requires_grad=True)
    mask = torch.ones(1, 5, dtype=torch.bool)
    weights = torch.tensor([[0.3, -1.0, 2.0, 0.7, 0.1]])
    (affine_normalize(values, mask) * weights).sum().backward()

    def written_out(v):
        centred = v - np.sort(v)[2]
        return (centred / np.abs(centred).mean() * weights.numpy()[0]).sum()

    base, step = values.detach().numpy()[0].astype(np.float64), 1e-6
    expected = [(written_out(base + step * e) - written_out(base - step * e)) / (2 * step) for e in np.eye(5)]
    np.testing.assert_allclose(values.grad[0].numpy(), expected, rtol=1e-4, atol=1e-5)


def test_constant_and_single_rows_are_only_shifted():
    values = torch.tensor([[4.0, 4.0, 4.0], [7.0, 1.0, 2.0]], requires_grad=True)
    mask = torch.tensor([[True, True, True], [False, True, False]])
    out = affine_normalize(values, mask)
    assert out.abs().max() == 0
    out.square().sum().backward()
    assert values.grad.abs().max() == 0


def test_what_the_mask_excludes_may_be_anything():
    prediction, target, mask = tensors(*random_batch(3))
    expected = affine_invariant_loss(prediction, target, mask)
    prediction[~mask], target[~mask] = torch.nan, torch.inf
    leaf = prediction.requires_grad_()
    loss = affine_invariant_loss(leaf, target, mask)
    loss.backward()
    assert loss.item() == expected.item()
    assert leaf.grad[~mask].abs().max() == 0
    assert leaf.grad.isfinite().all()


def test_module_inverts_metric_depth_and_prefers_pseudo_labels():
    loss = LOSSES.build({"type": "AffineInvariantLoss", "weight": 3.0})
    prediction, depth, mask = tensors(*random_batch(4))
    targets = {"depth": depth.where(mask, torch.zeros(())), "valid_mask": mask}
    expected = 3 * affine_invariant_loss(prediction, 1 / depth, mask)
    torch.testing.assert_close(loss({"inverse_depth": prediction}, targets), expected)
    assert loss({"inverse_depth": prediction}, {**targets, "inverse_depth": prediction}).item() == 0
