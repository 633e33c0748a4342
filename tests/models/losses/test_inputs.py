import numpy as np
import pytest
import torch

from mdetools.errors import UserError
from mdetools.models.losses.inputs import (
    disparity_pyramid,
    inverse_depth_target,
    metric_depth_of,
    predicted,
    relative_inverse_depth,
    wanted,
)

FOCAL, BASELINE = (300.0, 240.0), (0.5, 0.2)


def camera_targets(size=(6, 20)):
    """Depth of the images' size, and a camera for each image."""
    generator = torch.Generator().manual_seed(0)
    intrinsics = torch.eye(3).repeat(2, 1, 1)
    intrinsics[:, 0, 0] = torch.tensor(FOCAL)
    return {
        "image": torch.zeros(2, 3, *size),
        "depth": torch.rand(2, 1, *size, generator=generator) * 20 + 1,
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
        predicted({"inverse_depth": torch.ones(1), "features": []}, "depth", "SiLogLoss")
    assert str(error.value) == "SiLogLoss needs a metric `depth`; the head gave inverse_depth: use AffineInvariantLoss"
    with pytest.raises(UserError, match=r"needs a predicted `inverse_depth`; the head gave depth: use SiLogLoss"):
        predicted({"depth": torch.ones(1)}, "inverse_depth", "AffineInvariantLoss")
    with pytest.raises(UserError, match=r"gave only \['features'\]"):
        predicted({"features": []}, "depth", "SiLogLoss")


def test_a_missing_target_names_what_the_dataset_gave():
    with pytest.raises(UserError, match=r"SiLogLoss needs targets with `depth`; the dataset gave \['image'\]"):
        wanted({"image": torch.ones(1)}, "depth", "SiLogLoss")
    with pytest.raises(UserError, match="AffineInvariantLoss needs targets with `depth`"):
        inverse_depth_target({"image": torch.ones(1)}, "AffineInvariantLoss")


def test_inverse_depth_is_taken_before_it_is_computed():
    depth, pseudo = torch.tensor([2.0, 0.0]), torch.tensor([7.0, 8.0])
    assert inverse_depth_target({"depth": depth, "inverse_depth": pseudo}, "L").tolist() == [7.0, 8.0]
    assert inverse_depth_target({"depth": depth}, "L").tolist() == pytest.approx([0.5, 1e6])


def test_metric_depth_of_a_disparity_of_any_size():
    targets = camera_targets()
    for width in (20, 10):  # of a map whose disparity is constant, so that resizing changes its unit alone
        disparity = torch.tensor([3.0, 5.0]).view(2, 1, 1, 1).expand(2, 1, 6, width)
        depth = metric_depth_of({"disparity": disparity.half()}, targets, "L")
        assert depth.shape == targets["depth"].shape and depth.dtype == torch.float32
        for image, focal, baseline, value in zip(depth, FOCAL, BASELINE, (3.0, 5.0), strict=True):
            expected = focal * width / 20 * baseline / value
            torch.testing.assert_close(image, torch.full_like(image, expected), rtol=1e-5, atol=0)


def test_ground_truth_larger_than_the_image():
    targets = camera_targets() | {"depth": torch.ones(2, 1, 12, 40)}
    depth = metric_depth_of({"disparity": torch.full((2, 1, 6, 20), 3.0)}, targets, "L")
    assert depth.shape == (2, 1, 12, 40)
    assert depth[:, 0, 0, 0].tolist() == pytest.approx([300 * 0.5 / 3, 240 * 0.2 / 3])


def test_predictions_of_another_size_are_resized_to_the_target():
    targets, values = camera_targets(), random_map((4, 9))
    expected = np.stack([[zoom(image[0].double().numpy(), (6, 20))] for image in values])
    np.testing.assert_allclose(metric_depth_of({"depth": values}, targets, "L").numpy(), expected, rtol=1e-5)
    for key in ("inverse_depth", "disparity"):
        prediction, target = relative_inverse_depth({key: values}, targets, "L")
        np.testing.assert_allclose(prediction.numpy(), expected, rtol=1e-5)
        torch.testing.assert_close(target, 1 / targets["depth"])
    same = random_map((6, 20))
    assert metric_depth_of({"depth": same}, targets, "L") is same


def test_disparity_pyramid_of_each_kind_of_head():
    targets = camera_targets()
    coarse, fine = random_map((3, 10)), random_map((6, 20))
    assert disparity_pyramid({"disparity": fine}, {}, "L") == [fine]
    pyramid = disparity_pyramid({"disparity": fine, "pyramid": [fine, coarse.half()]}, {}, "L")
    torch.testing.assert_close(pyramid[1], coarse, rtol=1e-3, atol=0)
    assert pyramid[1].dtype == torch.float32 and pyramid[0] is fine
    depths = disparity_pyramid({"depth": fine, "pyramid": [fine, coarse]}, targets, "L")
    scale = torch.tensor([300 * 0.5, 240 * 0.2]).view(2, 1, 1, 1)
    torch.testing.assert_close(depths[1], scale / 2 / coarse)
    torch.testing.assert_close(depths[0], scale / fine)


def test_a_missing_camera_is_named():
    targets = camera_targets()
    for key in ("intrinsics", "baseline", "image"):
        less = {name: value for name, value in targets.items() if name != key}
        for call in (metric_depth_of, disparity_pyramid):
            values = {"disparity" if call is metric_depth_of else "depth": random_map((6, 20))}
            with pytest.raises(UserError, match=f"SomeLoss needs targets with `{key}`; the dataset gave"):
                call(values, less, "SomeLoss")


def test_a_head_of_another_kind_is_named():
    targets, values = camera_targets(), random_map((6, 20))
    with pytest.raises(UserError, match="SiLogLoss needs a metric `depth`; the head gave inverse_depth"):
        metric_depth_of({"inverse_depth": values}, targets, "SiLogLoss")
    with pytest.raises(UserError, match="SomeLoss needs a predicted `inverse_depth`; the head gave depth"):
        relative_inverse_depth({"depth": values}, targets, "SomeLoss")
