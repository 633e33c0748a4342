import numpy as np
import pytest
import torch
from mmengine.optim import OptimWrapper
from support.models import METRIC, RELATIVE
from torch import nn

from mdetools.errors import UserError
from mdetools.registry import MODELS

SILOG = dict(type="SiLogLoss")


class StubBackbone(nn.Module):
    """Two maps of strides 2 and 4."""

    channels = [4, 6]
    strides = [2, 4]

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 2, stride=2)
        self.second = nn.Conv2d(4, 6, 2, stride=2)

    def forward(self, image):
        first = self.first(image)
        return [first, self.second(first)]


class StubHead(nn.Module):
    """A map of half the image's size."""

    def __init__(self, in_channels, in_strides, quantity="depth"):
        super().__init__()
        self.in_strides = in_strides
        self.last = nn.Conv2d(in_channels[0], 1, 1)
        self.quantity = quantity

    def forward(self, features, image_size):
        assert image_size == tuple(2 * side for side in features[0].shape[2:])
        return {self.quantity: self.last(features[0]).exp()}


class WeightedMean(nn.Module):
    """The prediction's mean, times a weight, through a product that autocast would round."""

    def __init__(self, weight=1.0):
        super().__init__()
        self.weight = weight

    def forward(self, prediction, targets):
        flat = prediction["depth"].float().flatten()
        mean = flat @ torch.full_like(flat, 1 / len(flat))
        assert mean.dtype == torch.float32
        return self.weight * mean


def stub(losses=None, **head):
    torch.manual_seed(0)
    cfg = dict(type="DepthEstimator", backbone=dict(type=StubBackbone), head=dict(type=StubHead, **head), losses=losses)
    return MODELS.build(cfg)


def batch(image_size=(8, 12), depth_size=(8, 12)):
    generator = torch.Generator().manual_seed(1)
    return dict(
        image=torch.randint(0, 256, (2, 3, *image_size), generator=generator, dtype=torch.uint8),
        depth=torch.rand(2, 1, *depth_size, generator=generator) + 0.5,
        valid_mask=torch.rand(2, 1, *depth_size, generator=generator) < 0.7,
    )


def test_tensor_mode_gives_the_prediction_and_its_features():
    model = stub()
    image = torch.randn(2, 3, 8, 12)
    prediction = model(image, mode="tensor")
    expected = model.backbone(image)
    assert set(prediction) == {"depth", "features"}
    assert all(map(torch.equal, prediction["features"], expected))
    assert torch.equal(prediction["depth"], model.head(expected, (8, 12))["depth"])
    assert model.head.in_strides == [2, 4]


def test_losses_are_named_and_a_none_is_left_out():
    losses = dict(one=dict(type=WeightedMean), silog=None, two=dict(type=WeightedMean, weight=0.5))
    model = stub(losses)
    data = model.data_preprocessor(batch())
    found = model(**data, mode="loss")
    mean = model(data["image"])["depth"].detach().double().mean().item()
    assert list(found) == ["loss_one", "loss_two"]
    assert [loss.item() for loss in found.values()] == pytest.approx([mean, mean / 2], rel=1e-6)
    assert model.parse_losses(found)[0].item() == pytest.approx(1.5 * mean, rel=1e-6)


def test_losses_run_in_float32_under_autocast():
    model = stub(dict(one=dict(type=WeightedMean)))
    data = model.data_preprocessor(batch())
    with torch.autocast("cpu", torch.bfloat16):
        loss = model(**data, mode="loss")["loss_one"]
        mean = model(data["image"])["depth"].detach().double().mean().item()
    assert loss.item() == pytest.approx(mean, rel=1e-6)


def test_training_step_descends_the_sum_of_the_losses():
    model = stub(dict(one=dict(type=WeightedMean), two=dict(type=WeightedMean, weight=0.5)))
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    mean = model(model.data_preprocessor(batch())["image"])["depth"].mean()
    used = [(name, parameter) for name, parameter in model.named_parameters() if ".second." not in name]
    gradients = torch.autograd.grad(1.5 * mean, [parameter for _, parameter in used])
    logged = model.train_step(batch(), OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1)))
    assert logged["loss"].item() == pytest.approx(1.5 * mean.item(), rel=1e-6)
    assert logged["loss_two"].item() == pytest.approx(0.5 * mean.item(), rel=1e-6)
    for (name, parameter), gradient in zip(used, gradients, strict=True):
        assert gradient.abs().max() > 1e-4
        torch.testing.assert_close(parameter.detach(), before[name] - 0.1 * gradient, rtol=1e-5, atol=1e-7)


def bilinear_with_aligned_corners(values, size):
    """Written out: output (i, j) lies at (i (h - 1) / (H - 1), j (w - 1) / (W - 1))."""
    height, width = values.shape
    y = np.arange(size[0]) * (height - 1) / (size[0] - 1)
    x = np.arange(size[1]) * (width - 1) / (size[1] - 1)
    top, left = y.astype(int).clip(max=height - 2), x.astype(int).clip(max=width - 2)
    dy, dx = (y - top)[:, None], (x - left)[None]
    corner = [[values[np.ix_(top + i, left + j)] for j in (0, 1)] for i in (0, 1)]
    return (1 - dy) * ((1 - dx) * corner[0][0] + dx * corner[0][1]) + dy * ((1 - dx) * corner[1][0] + dx * corner[1][1])


@pytest.mark.parametrize("quantity", ["depth", "inverse_depth"])
@pytest.mark.parametrize("size", [(8, 12), (21, 17), (3, 5)])
def test_predictions_are_resized_to_the_ground_truth(quantity, size):
    model = stub(quantity=quantity).eval()
    data = batch(depth_size=size)
    with torch.no_grad():
        raw = model(model.data_preprocessor(data)["image"])[quantity].double().numpy()
        predictions = model.test_step(data)
    assert len(predictions) == 2
    for prediction, one in zip(predictions, raw, strict=True):
        assert list(prediction) == [quantity]
        expected = bilinear_with_aligned_corners(one[0], size)
        np.testing.assert_allclose(prediction[quantity][0].numpy(), expected, rtol=1e-5, err_msg=str(size))
        assert prediction[quantity].shape == (1, *size)


def bilinear_between_centres(values, size):
    """Written out: output (i, j) lies at ((i + 1/2) h / H - 1/2, (j + 1/2) w / W - 1/2), kept inside."""
    height, width = values.shape
    y = ((np.arange(size[0]) + 0.5) * height / size[0] - 0.5).clip(0, height - 1)
    x = ((np.arange(size[1]) + 0.5) * width / size[1] - 0.5).clip(0, width - 1)
    top, left = y.astype(int).clip(max=height - 2), x.astype(int).clip(max=width - 2)
    dy, dx = (y - top)[:, None], (x - left)[None]
    corner = [[values[np.ix_(top + i, left + j)] for j in (0, 1)] for i in (0, 1)]
    return (1 - dy) * ((1 - dx) * corner[0][0] + dx * corner[0][1]) + dy * ((1 - dx) * corner[1][0] + dx * corner[1][1])


@pytest.mark.parametrize("size", [(8, 12), (21, 17), (3, 5)])
def test_disparity_grows_with_the_width_and_becomes_depth(size):
    """The head's map is 6 wide, the image 12: d pixels there are d W / 6 of W, and f of the image f W / 12."""
    model = stub(quantity="disparity").eval()
    focal, baseline = np.array([10.0, 20.0]), np.array([0.5, 0.25])
    camera = dict(intrinsics=torch.eye(3).repeat(2, 1, 1), baseline=torch.tensor(baseline))
    camera["intrinsics"][:, 0, 0] = torch.tensor(focal)
    data = batch(depth_size=size)
    with torch.no_grad():
        raw = model(model.data_preprocessor(data)["image"])["disparity"].double().numpy()
        without, depths = model.test_step(data), model.test_step(data | camera)
    for index in range(2):
        disparity = bilinear_between_centres(raw[index, 0], size) * size[1] / 6
        depth = focal[index] * size[1] / 12 * baseline[index] / disparity
        assert list(without[index]) == ["disparity"] and list(depths[index]) == ["disparity", "depth"]
        np.testing.assert_allclose(without[index]["disparity"][0], disparity, rtol=1e-5)
        np.testing.assert_allclose(depths[index]["disparity"][0], disparity, rtol=1e-5)
        np.testing.assert_allclose(depths[index]["depth"][0], depth, rtol=1e-5)


def test_flip_test_averages_with_the_mirrored_image():
    model = stub().eval()
    data = batch()
    image = model.data_preprocessor(data)["image"]
    with torch.no_grad():
        mean = (model(image)["depth"] + model(image.flip(-1))["depth"].flip(-1)).double().numpy() / 2
        model.flip_test = "mean"
        found = model.test_step(data)[1]["depth"][0]
    np.testing.assert_allclose(found, bilinear_with_aligned_corners(mean[1, 0], (8, 12)), rtol=1e-5)


def test_unknown_flip_test_is_named():
    with pytest.raises(UserError, match="flip_test is 'both'; expected one of: mean, stereo, None"):
        MODELS.build(
            dict(
                type="DepthEstimator",
                backbone=dict(type=StubBackbone),
                head=dict(type=StubHead),
                flip_test="both",
            )
        )


@pytest.mark.parametrize("targets", [None, {}])
def test_predictions_without_ground_truth_have_the_image_size(targets):
    model = stub().eval()
    image = torch.randn(2, 3, 8, 12)
    with torch.no_grad():
        (first, _), raw = model(image, targets, mode="predict"), model(image)["depth"].double().numpy()
    np.testing.assert_allclose(first["depth"][0], bilinear_with_aligned_corners(raw[0, 0], (8, 12)), rtol=1e-5)


RELATIVE_LOSSES = dict(affine=dict(type="AffineInvariantLoss"), gradient=dict(type="GradientMatchingLoss"), silog=None)


@pytest.mark.parametrize(("output", "losses"), [(METRIC, dict(silog=SILOG)), (RELATIVE, RELATIVE_LOSSES)])
def test_every_parameter_gets_a_gradient(output, losses):
    """Distributed training does not look for unused parameters, so there must be none."""
    torch.manual_seed(0)
    backbone = dict(type="DINOv2", out_indices=(0, 1, 2, 3))
    cfg = dict(type="DepthEstimator", backbone=backbone, head=dict(type="DPTHead", output=output), losses=losses)
    model = MODELS.build(cfg).train()
    with torch.no_grad():
        model.head.output_conv3.bias.fill_(0.5)  # above the ReLU's kink
    total, _ = model.parse_losses(model(**model.data_preprocessor(batch((70, 84), (70, 84))), mode="loss"))
    total.backward()
    without = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().max() > 0]
    assert without == []


def test_misspelt_components_name_the_nearest():
    with pytest.raises(UserError, match="no backbone is called 'DINOv'; did you mean 'DINOv2'"):
        MODELS.build(dict(type="DepthEstimator", backbone=dict(type="DINOv"), head=dict(type="DPTHead")))
    head = dict(type="DPThead")
    with pytest.raises(UserError, match="no head is called 'DPThead'; did you mean 'DPTHead'"):
        MODELS.build(dict(type="DepthEstimator", backbone=dict(type=StubBackbone), head=head))
    with pytest.raises(UserError, match="no loss is called 'SiLog'; did you mean 'SiLogLoss'"):
        stub(dict(silog=dict(type="SiLog")))
