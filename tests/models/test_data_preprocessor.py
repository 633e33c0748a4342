import numpy as np
import torch

from mdetools.registry import MODELS


def preprocessor(**kwargs):
    return MODELS.build(dict(type="DepthDataPreprocessor", **kwargs))


def batch():
    generator = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (2, 3, 5, 6), generator=generator, dtype=torch.uint8)
    image[0, :, 0, 0], image[0, :, 0, 1] = 0, 255
    return {
        "image": image,
        "image_right": image.flip(-1),
        "depth": torch.rand(2, 1, 5, 6, generator=generator),
        "valid_mask": torch.rand(2, 1, 5, 6, generator=generator) < 0.5,
        "intrinsics": torch.eye(3).repeat(2, 1, 1),
        "meta": {"id": ["a", "b"]},
    }


def test_images_are_scaled_and_normalised():
    raw = batch()
    data = preprocessor()(raw)
    unit = raw["image"].numpy().astype(np.float64) / 255
    mean, std = (np.array(values).reshape(3, 1, 1) for values in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    assert data["image"].dtype == data["targets"]["image"].dtype == torch.float32
    np.testing.assert_allclose(data["image"].numpy(), (unit - mean) / std, rtol=0, atol=1e-6)
    np.testing.assert_allclose(data["targets"]["image"].numpy(), unit, rtol=0, atol=1e-7)
    np.testing.assert_allclose(data["targets"]["image_right"].numpy(), unit[..., ::-1], rtol=0, atol=1e-7)


def test_other_mean_and_deviation():
    raw = batch()
    image = preprocessor(mean=(0, 0.5, 1), std=(1, 2, 4))(raw)["image"].numpy()
    unit = raw["image"].numpy() / 255
    expected = np.stack([unit[:, 0], (unit[:, 1] - 0.5) / 2, (unit[:, 2] - 1) / 4], axis=1)
    np.testing.assert_allclose(image, expected, rtol=0, atol=1e-6)


def test_the_rest_of_the_batch_passes_as_it_is():
    raw = batch()
    image = raw["image"].clone()
    targets = preprocessor()(raw, training=True)["targets"]
    assert set(targets) == set(raw)
    for key in ("depth", "valid_mask", "intrinsics"):
        assert targets[key].dtype == raw[key].dtype
        assert torch.equal(targets[key], raw[key])
    assert targets["meta"] == {"id": ["a", "b"]}
    assert torch.equal(raw["image"], image)  # the loader's own batch stays uint8
    assert raw["image"].dtype == torch.uint8


def test_batch_follows_the_preprocessor_to_its_device():
    data = preprocessor().to("meta")(batch())
    assert {value.device.type for value in data["targets"].values() if isinstance(value, torch.Tensor)} == {"meta"}
    assert data["image"].device.type == "meta"


def test_checkpoints_hold_nothing_of_it():
    assert preprocessor().state_dict() == {}
