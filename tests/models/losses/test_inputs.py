import numpy as np
import pytest
import torch

from mdetools.errors import UserError
from mdetools.models.losses.inputs import (
    inverse_depth_target,
    metric_depth,
    relative_inverse_depth,
    require_prediction,
    require_target,
)
from mdetools.models.losses.stages import disparity_pyramid, pairs_among

FOCAL, BASELINE = (300.0, 240.0), (0.5, 0.2)


def camera_targets(size=(6, 20)):
    """Depth of the images' size, and a camera for each image."""
    generator = torch.Generator().manual_seed(0)
    intrinsics = torch.eye(3).repeat(2, 1, 1)
    intrinsics[:, 0, 0] = torch.tensor(FOCAL)
    return {
        "image": torch.zeros(2, 3, *size),
        "depth": torch.rand(2, 1, *size, generator=generator) * 20 + 1,
        "valid_mask": torch.ones(2, 1, *size, dtype=torch.bool),
        "intrinsics": intrinsics,
        "baseline": torch.tensor(BASELINE),
    }


def random_map(size, low=1.0, high=9.0):
    return torch.empty(2, 1, *size).uniform_(low, high, generator=torch.Generator().manual_seed(1))


def zoom(values, size):
    """Bilinear, the corners of both maps at the same place: first along columns, then along rows."""
    for axis, side in enumerate(size):
        places = np.linspace(0, values.shape[axis] - 1, side)
        values = np.apply_along_axis(lambda row, at=places: np.interp(at, np.arange(len(row)), row), axis, values)
    return values


def test_a_wrong_quantity_names_the_loss_that_fits():
    with pytest.raises(UserError) as error:
        require_prediction({"inverse_depth": torch.ones(1), "features": []}, "depth")
    assert str(error.value) == "needs a prediction of `depth`; the head gives `inverse_depth`: use AffineInvariantLoss"
    with pytest.raises(UserError, match=r"prediction of `inverse_depth`; the head gives `depth`: use SiLogLoss"):
        require_prediction({"depth": torch.ones(1)}, "inverse_depth")
    with pytest.raises(UserError, match=r"exactly one of depth, .*; this one holds features"):
        require_prediction({"features": []}, "depth")


def test_a_missing_target_names_what_the_dataset_gave():
    with pytest.raises(UserError, match=r"needs targets with `depth`; the data set gives image, meta: use a data set"):
        require_target({"image": torch.ones(1), "meta": {}}, "depth")
    with pytest.raises(UserError, match="needs targets with `depth`"):
        inverse_depth_target({"image": torch.ones(1)})


def test_inverse_depth_is_taken_before_it_is_computed():
    depth, pseudo = torch.tensor([2.0, 0.0]), torch.tensor([7.0, 8.0])
    assert inverse_depth_target({"depth": depth, "inverse_depth": pseudo}).tolist() == [7.0, 8.0]
    assert inverse_depth_target({"depth": depth}).tolist() == pytest.approx([0.5, 1e6])


def test_metric_depth_of_a_disparity_of_any_size():
    targets = camera_targets()
    for width in (20, 10):  # of a map whose disparity is constant, so that resizing changes its unit alone
        disparity = torch.tensor([3.0, 5.0]).view(2, 1, 1, 1).expand(2, 1, 6, width)
        depth, _, mask = metric_depth({"disparity": disparity.half()}, targets)
        assert depth.shape == targets["depth"].shape and depth.dtype == torch.float32
        assert torch.equal(mask, targets["valid_mask"])
        for image, focal, baseline, value in zip(depth, FOCAL, BASELINE, (3.0, 5.0), strict=True):
            expected = focal * width / 20 * baseline / value
            torch.testing.assert_close(image, torch.full_like(image, expected), rtol=1e-5, atol=0)


def test_ground_truth_larger_than_the_image():
    targets = camera_targets() | {"depth": torch.ones(2, 1, 12, 40)}
    depth, _, _ = metric_depth({"disparity": torch.full((2, 1, 6, 20), 3.0)}, targets)
    assert depth.shape == (2, 1, 12, 40)
    assert depth[:, 0, 0, 0].tolist() == pytest.approx([300 * 0.5 / 3, 240 * 0.2 / 3])


def test_predictions_of_another_size_are_resized_to_the_target():
    targets, values = camera_targets(), random_map((4, 9))
    expected = np.stack([[zoom(image[0].double().numpy(), (6, 20))] for image in values])
    np.testing.assert_allclose(metric_depth({"depth": values}, targets)[0].numpy(), expected, rtol=1e-5)
    prediction, target = relative_inverse_depth({"inverse_depth": values}, targets)
    np.testing.assert_allclose(prediction.numpy(), expected, rtol=1e-5)
    torch.testing.assert_close(target, 1 / targets["depth"])
    prediction, _ = relative_inverse_depth({"disparity": values}, targets)  # by pixel centres, as its images are
    centred = torch.nn.functional.interpolate(values.double(), (6, 20), mode="bilinear", align_corners=False)
    np.testing.assert_allclose(prediction.numpy(), centred.numpy() * 20 / 9, rtol=1e-5)
    same = random_map((6, 20))
    assert metric_depth({"depth": same}, targets)[0] is same


def test_disparity_pyramid_of_each_kind_of_head():
    targets = camera_targets()
    coarse, fine = random_map((3, 10)), random_map((6, 20))
    assert disparity_pyramid({"disparity": fine}, {}) == ([fine], None)
    pyramid, known = disparity_pyramid({"disparity": fine, "pyramid": [fine, coarse.half()]}, {})
    assert known is None
    torch.testing.assert_close(pyramid[1], coarse, rtol=1e-3, atol=0)
    assert pyramid[1].dtype == torch.float32 and pyramid[0] is fine
    depths, known = disparity_pyramid({"depth": fine, "pyramid": [fine, coarse]}, targets)
    assert known.tolist() == [[[[True]]], [[[True]]]]
    scale = torch.tensor([300 * 0.5, 240 * 0.2]).view(2, 1, 1, 1)
    torch.testing.assert_close(depths[1], scale / 2 / coarse)
    torch.testing.assert_close(depths[0], scale / fine)


def test_a_missing_camera_is_named():
    targets = camera_targets()
    for key in ("intrinsics", "baseline", "image"):
        less = {name: value for name, value in targets.items() if name != key}
        for call, name in ((metric_depth, "disparity"), (disparity_pyramid, "depth")):
            with pytest.raises(UserError, match=f"needs targets with `{key}`; the data set gives"):
                call({name: random_map((6, 20))}, less)


def test_images_whose_camera_is_not_known_do_not_count():
    targets = camera_targets()
    targets["baseline"] = torch.tensor([BASELINE[0], torch.nan])
    disparity = random_map((6, 20)).requires_grad_()
    depth, _, mask = metric_depth({"disparity": disparity}, targets)
    assert mask[0].all() and not mask[1].any()
    torch.where(mask, depth, 0).sum().backward()
    assert disparity.grad.isfinite().all() and disparity.grad[0].any() and not disparity.grad[1].any()


def test_which_images_are_of_a_pair():
    targets = camera_targets() | {"image_right": torch.zeros(2, 3, 6, 20)}
    targets["image_right"][0, 1, 2, 3] = 0.1
    assert pairs_among(targets, None).tolist() == [[[[True]]], [[[False]]]]
    targets["image_right"] += 0.1
    assert pairs_among(targets, None).all()
    targets["intrinsics"][0] = torch.nan
    _, known = disparity_pyramid({"depth": random_map((6, 20))}, targets)
    assert pairs_among(targets, known).tolist() == [[[[False]]], [[[True]]]]


def test_a_head_of_another_kind_is_named():
    targets, values = camera_targets(), random_map((6, 20))
    with pytest.raises(UserError, match="needs a prediction of `depth`; the head gives `inverse_depth`"):
        metric_depth({"inverse_depth": values}, targets)
    with pytest.raises(UserError, match="needs a prediction of `inverse_depth`; the head gives `depth`"):
        relative_inverse_depth({"depth": values}, targets)
