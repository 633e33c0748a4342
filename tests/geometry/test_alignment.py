import numpy as np
import pytest
import torch

from mdetools.geometry import (
    apply_scale_shift,
    invert,
    least_squares_scale_shift,
    masked_mean,
    masked_median,
    median_scale,
    median_scale_shift,
)


def random_pairs(dtype=torch.float64, images=4, size=(9, 13)):
    generator = torch.Generator().manual_seed(0)
    prediction = torch.rand(images, 1, *size, generator=generator, dtype=torch.float64) * 3 + 0.2
    target = 0.7 * prediction + 1.5 + torch.rand(prediction.shape, generator=generator, dtype=torch.float64)
    mask = torch.rand(prediction.shape, generator=generator) > 0.4
    prediction[~mask], target[~mask] = torch.nan, -torch.inf  # what is masked must not matter
    return prediction.to(dtype), target.to(dtype), mask


def lstsq(prediction, target):
    design = np.stack([prediction, np.ones_like(prediction)], 1)
    return np.linalg.lstsq(design, target, rcond=None)[0]


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-11), (torch.float32, 2e-5)])
def test_least_squares_is_numpys(dtype, tolerance):
    prediction, target, mask = random_pairs(dtype)
    scale, shift = least_squares_scale_shift(prediction, target, mask)
    for i in range(len(prediction)):
        expected = lstsq(prediction[i][mask[i]].double().numpy(), target[i][mask[i]].double().numpy())
        np.testing.assert_allclose([scale[i], shift[i]], expected, rtol=tolerance)


def test_least_squares_keeps_its_digits_far_from_zero():
    # The normal equations in float32 lose this one: the deviations are 1e-3 of the mean.
    generator = torch.Generator().manual_seed(1)
    prediction = (1000 + torch.rand(1, 1, 60, 80, generator=generator)).float()
    target = (prediction.double() * 0.25 - 240).float()
    scale, shift = least_squares_scale_shift(prediction, target, torch.ones_like(prediction, dtype=torch.bool))
    aligned = apply_scale_shift(prediction, scale, shift)
    assert scale.item() == pytest.approx(0.25, rel=1e-3)
    assert (aligned - target).abs().max() < 1e-3  # metres, of 10


@pytest.mark.parametrize("value", [0.0, 3.3, 1234.567])
def test_constant_prediction_becomes_the_centre_of_the_target(value):
    _, target, mask = random_pairs(torch.float32)
    prediction = torch.full_like(target, value)
    valid = [target[i][mask[i]].numpy() for i in range(len(target))]
    for fit, centre in ((least_squares_scale_shift, np.mean), (median_scale_shift, np.median)):
        scale, shift = fit(prediction, target, mask)
        aligned = apply_scale_shift(prediction, scale, shift)[:, 0, 0, 0]
        np.testing.assert_allclose(aligned, [centre(v) for v in valid], rtol=1e-6)
        assert (scale == 0).all()


def test_two_pixels_are_met_exactly_and_one_pixel_by_its_shift():
    prediction = torch.tensor([[1.0, 3.0, 9.0], [1.0, 3.0, 9.0]])
    target = torch.tensor([[5.0, 4.0, 0.0], [5.0, 4.0, 0.0]])
    mask = torch.tensor([[True, True, False], [False, True, False]])
    scale, shift = least_squares_scale_shift(prediction, target, mask)
    np.testing.assert_allclose(scale, [-0.5, 0.0], atol=1e-7)
    np.testing.assert_allclose(shift, [5.5, 4.0], rtol=1e-6)


def test_no_valid_pixel_is_the_identity():
    prediction, target, mask = random_pairs()
    mask[1] = False
    for fit in (least_squares_scale_shift, median_scale_shift):
        scale, shift = fit(prediction, target, mask)
        assert (scale[1], shift[1]) == (1, 0)
        assert torch.isfinite(scale).all() and torch.isfinite(shift).all()
    assert median_scale(prediction, target, mask)[1] == 1
    assert masked_median(prediction, mask)[1] == 0
    assert masked_mean(prediction, mask)[1] == 0


@pytest.mark.parametrize("count", [1, 2, 7, 8])
def test_masked_median_and_mean_are_numpys(count):
    values = torch.randn(1, 3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(count))
    mask = torch.zeros(15, dtype=torch.bool)
    mask[torch.randperm(15, generator=torch.Generator().manual_seed(2))[:count]] = True
    mask = mask.view(1, 3, 5)
    assert masked_median(values, mask).item() == pytest.approx(np.median(values[mask].numpy()), rel=1e-14)
    assert masked_mean(values, mask).item() == pytest.approx(np.mean(values[mask].numpy()), rel=1e-12)


def test_median_of_a_whole_image_of_odd_and_even_size():
    for size in (1, 2, 3, 4):
        values = torch.arange(size, dtype=torch.float32).view(1, size) + 1
        assert masked_median(values, torch.ones_like(values, dtype=torch.bool)).item() == (size + 1) / 2


def test_median_scale_is_the_ratio_of_medians():
    prediction, target, mask = random_pairs()
    scale = median_scale(prediction, target, mask)
    expected = [np.median(target[i][mask[i]]) / np.median(prediction[i][mask[i]]) for i in range(len(target))]
    np.testing.assert_allclose(scale, expected, rtol=1e-13)


def test_median_scale_of_a_prediction_that_is_mostly_zero_is_one():
    prediction = torch.tensor([[0.0, 0.0, 0.0, 5.0]])
    assert median_scale(prediction, torch.ones(1, 4), torch.ones(1, 4, dtype=torch.bool)).item() == 1


def test_median_scale_shift_carries_median_and_mean_absolute_deviation_over():
    prediction, target, mask = random_pairs()
    aligned = apply_scale_shift(prediction, *median_scale_shift(prediction, target, mask))
    for i in range(len(target)):
        ours, wanted = aligned[i][mask[i]].numpy(), target[i][mask[i]].numpy()
        assert np.median(ours) == pytest.approx(np.median(wanted), rel=1e-12)
        spread, wanted_spread = (np.abs(v - np.median(v)).mean() for v in (ours, wanted))
        assert spread == pytest.approx(wanted_spread, rel=1e-12)


@pytest.mark.parametrize("fit", [least_squares_scale_shift, median_scale_shift])
def test_an_affine_prediction_is_recovered(fit):
    _, target, mask = random_pairs()
    scale, shift = fit((target - 2.5) / 0.04, target, mask)
    np.testing.assert_allclose(scale, 0.04, rtol=1e-12)
    np.testing.assert_allclose(shift, 2.5, rtol=1e-12)


@pytest.mark.parametrize("fit", [least_squares_scale_shift, median_scale_shift, median_scale])
def test_nothing_waits_for_the_device(fit):
    # torch.vmap refuses whatever needs a value on the host: .item(), branches on data, boolean indexing.
    prediction, target, mask = random_pairs()
    mapped = torch.vmap(fit)(prediction, target, mask)
    torch.testing.assert_close(
        torch.stack([*mapped]).flatten(), torch.stack([*fit(prediction, target, mask)]).flatten()
    )


def test_invert():
    values = torch.tensor([4.0, 0.25, 0.0, -3.0])
    assert invert(values, 0.1).tolist() == pytest.approx([0.25, 4.0, 10.0, 10.0])


def test_masked_mean_ignores_what_it_excludes():
    values = torch.tensor([[1.0, 3.0, torch.nan], [torch.inf, torch.nan, torch.inf]], requires_grad=True)
    mask = torch.tensor([[True, True, False], [False, False, False]])
    mean = masked_mean(values, mask)
    assert mean.tolist() == [2.0, 0.0]
    mean.sum().backward()
    assert values.grad.tolist() == [[0.5, 0.5, 0.0], [0.0, 0.0, 0.0]]
