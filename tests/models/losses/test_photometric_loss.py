import numpy as np
import pytest
import torch
import torch.nn.functional as F
from support.losses import HALF_TYPES, assert_empty, assert_gradient, assert_half_precision, random_stereo
from support.predictions import halvings_of, pyramid_of
from support.user_errors import user_error

from mdetools.errors import UserError
from mdetools.geometry import warp_horizontally
from mdetools.models.losses import PhotometricLoss, reconstruction_error
from mdetools.registry import LOSSES
from mdetools.testing import check_loss, example_targets


def row_by_row(targets, disparity):
    """The right image warped by linear interpolation of each row, and where its samples lie inside; float64."""
    left, right = (targets[key].double().numpy() for key in ("image", "image_right"))
    warped, x = np.zeros_like(right), np.arange(right.shape[3])
    for b, c, y in np.ndindex(right.shape[:3]):
        padded = np.concatenate([[0], right[b, c, y], [0]])
        warped[b, c, y] = np.interp(x - disparity[b, 0, y], np.arange(-1, len(x) + 1), padded, left=0, right=0)
    source = x - disparity
    return left, warped, (source >= 0) & (source <= len(x) - 1)


def written_out(targets, disparity, power):
    """Mean over the pixels inside and over their channels, in float64."""
    left, warped, inside = row_by_row(targets, disparity)
    return (abs(left - warped) ** power).mean(1, keepdims=True)[inside].mean()


@pytest.mark.parametrize(("name", "power"), [("l1", 1), ("l2", 2)])
def test_value(name, power):
    targets, disparity = random_stereo()
    left, warped, inside = row_by_row(targets, disparity.double().numpy())
    error = (abs(left - warped) ** power).mean(1, keepdims=True)
    masked = PhotometricLoss(name, "mask", weight=2.0)({"disparity": disparity}, targets)
    assert masked.item() == pytest.approx(2 * error[inside].mean(), rel=1e-4)
    black = PhotometricLoss(name, "zero")({"disparity": disparity}, targets)
    assert black.item() == pytest.approx(error.mean(), rel=1e-4)
    assert 0.2 < inside.mean() < 0.9


@pytest.mark.parametrize(("name", "power"), [("l1", 1), ("l2", 2)])
def test_gradient(name, power):
    targets, disparity = random_stereo((4, 12))
    assert_gradient(
        lambda values: PhotometricLoss(name)({"disparity": values}, targets),
        lambda values: written_out(targets, values, power),
        disparity,
    )


@pytest.mark.parametrize("name", ["l1", "l2", "ssim_l1"])
def test_empty(name):
    """All pixels outside."""
    targets, disparity = random_stereo()
    assert_empty(lambda values: PhotometricLoss(name)({"disparity": values}, targets), torch.full_like(disparity, 99.0))


@pytest.mark.parametrize("dtype", HALF_TYPES)
def test_half_precision(dtype):
    targets, disparity = random_stereo()
    assert_half_precision(
        lambda values: PhotometricLoss("l2")({"disparity": values}, targets),
        lambda values: written_out(targets, values, 2),
        disparity.to(dtype),
        rel=1e-4,
    )


@pytest.mark.parametrize("dissimilarity", ["l2", "l1", "ssim_l1"])
@pytest.mark.parametrize("outside", ["mask", "zero"])
def test_battery(dissimilarity, outside):
    loss = LOSSES.build({"type": "PhotometricLoss", "dissimilarity": dissimilarity, "outside": outside})
    check_loss(loss, "disparity", supervised=False)
    check_loss(loss, "disparity", halvings_of, supervised=False)
    check_loss(loss, "depth", supervised=False)


def test_what_is_missing_is_named():
    targets, disparity = random_stereo()
    loss = PhotometricLoss()
    user_error(
        lambda: loss({"disparity": disparity}, {"image": targets["image"]}),
        "needs targets with `image_right`; the data set gives image: use",
    )
    user_error(
        lambda: loss({"inverse_depth": disparity}, targets),
        "needs a prediction of `disparity`; the head gives `inverse_depth`",
    )
    camera = {"intrinsics": torch.eye(3)[None], "baseline": torch.ones(1)}
    for key, other in (("intrinsics", "baseline"), ("baseline", "intrinsics")):
        less = {**targets, other: camera[other]}
        user_error(lambda less=less: loss({"depth": disparity}, less), f"needs targets with `{key}`")


def test_windows_that_see_outside_do_not_count():
    targets, _ = random_stereo()
    disparity = torch.full((2, 1, 8, 16), 5.0)
    loss = PhotometricLoss("ssim_l1")
    expected = loss({"disparity": disparity}, targets)
    changed = {**targets, "image": targets["image"].clone()}
    changed["image"][..., :5] = 0.123  # columns without a match; the window of column 5 sees column 4
    assert loss({"disparity": disparity}, changed).item() == pytest.approx(expected.item(), abs=1e-6)
    changed["image"][..., 6] = 0.123
    assert loss({"disparity": disparity}, changed).item() != pytest.approx(expected.item(), abs=1e-4)


def test_the_true_disparity_costs_nothing():
    targets, _ = random_stereo()
    targets["image"] = targets["image_right"].roll(3, 3)  # left(x) = right(x - 3)
    disparity = torch.full((2, 1, 8, 16), 3.0)
    for name in ("l1", "l2", "ssim_l1"):
        loss = PhotometricLoss(name)
        assert loss({"disparity": disparity}, targets).item() < 1e-5
        assert loss({"disparity": -disparity}, targets).item() > 0.05
        assert PhotometricLoss(name, "zero")({"disparity": disparity}, targets).item() > 0.01


def test_stages_are_averaged_each_with_images_of_its_size():
    targets, fine = random_stereo((12, 24))
    coarse = fine[..., ::2, ::2] / 2
    expected = []
    for disparity, factor in ((coarse, 2), (fine, 1)):
        left, right = (F.avg_pool2d(targets[key], factor) for key in ("image", "image_right"))
        expected.append(reconstruction_error(*warp_horizontally(right, disparity), left, "l1", "mask"))
    prediction = pyramid_of(fine, coarse)
    torch.testing.assert_close(PhotometricLoss("l1")(prediction, targets), (expected[0] + expected[1]) / 2)
    torch.testing.assert_close(PhotometricLoss("l1", stage_decay=0.0)(prediction, targets), expected[1])
    halved = PhotometricLoss("l1", stage_decay=0.5)(prediction, targets)
    torch.testing.assert_close(halved, (expected[0] + 2 * expected[1]) / 3)
    torch.testing.assert_close(PhotometricLoss("l1")({"disparity": fine}, targets), expected[1])


def test_a_depth_head_learns_from_it_too():
    targets = example_targets()
    disparity = torch.empty(2, 1, 12, 16).uniform_(0.5, 4, generator=torch.Generator().manual_seed(0))
    # A focal length of 32 pixels at width 32, so 16 at width 16; baseline 0.5.
    depth = 16 * 0.5 / disparity
    loss = PhotometricLoss("l1")
    torch.testing.assert_close(loss({"depth": depth}, targets), loss({"disparity": disparity}, targets))


def test_wrong_options_are_named():
    with pytest.raises(UserError, match=r"dissimilarity='L1'; set it to one of \['l2', 'l1', 'ssim_l1'\]"):
        PhotometricLoss("L1")
    with pytest.raises(UserError, match=r"outside='black'; set it to one of \['mask', 'zero'\]"):
        LOSSES.build({"type": "LinearizedPhotometricLoss", "outside": "black"})
