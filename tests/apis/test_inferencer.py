from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from support.commands import run_command
from support.depth_anything_peer import build_peer, official_state, redraw
from support.paths import ROOT
from torch import nn
from torch.nn import functional as F

from mdetools.apis import DepthInferencer
from mdetools.engine.configs.loading import load_config
from mdetools.errors import UserError
from mdetools.registry import HEADS, MODELS

RESIZE = "test_dataloader.dataset.pipeline.resize.size"
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


@pytest.fixture(scope="module", params=["metric", "relative"])
def case(request, tmp_path_factory):
    """An official-format checkpoint, its peer, the config, and a photograph-like image file."""
    folder = tmp_path_factory.mktemp(request.param)
    peer = build_peer(metric=request.param == "metric")
    redraw(peer, seed=3)
    torch.save(official_state(peer), folder / "official.pth")
    noise = np.random.default_rng(0).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    cv2.imwrite(str(folder / "photo.png"), cv2.resize(noise, (90, 90), interpolation=cv2.INTER_CUBIC))
    config = ROOT / "configs/dav2" / ("vits_nyu.py" if request.param == "metric" else "vits_relative.py")
    return folder, peer, config


@torch.inference_mode()
def reference(peer, path: Path) -> np.ndarray:
    """The published inference: float64 image, cubic resize to 518, normalise, predict, bilinear back."""
    image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) / 255.0
    resized = (cv2.resize(image, (518, 518), interpolation=cv2.INTER_CUBIC) - MEAN) / STD
    tensor = torch.from_numpy(resized.transpose(2, 0, 1)[None].astype(np.float32))
    depth = peer(tensor).predicted_depth[:, None]
    return F.interpolate(depth, image.shape[:2], mode="bilinear", align_corners=True)[0, 0].numpy()


@pytest.mark.slow
def test_infer_writes_what_the_published_inference_gives(case):
    folder, peer, config = case
    command = ["python", "tools/infer.py", config, folder / "official.pth", folder / "photo.png"]
    result = run_command(*command, "--out", folder / "out", "--save-npy")
    assert result.returncode == 0, result.stderr
    written = np.load(folder / "out/photo.npy")
    expected = reference(peer, folder / "photo.png")
    span = expected.max() - expected.min()
    assert written.dtype == np.float32 and written.shape == (90, 90)
    assert expected.std() > 0.05 * span
    assert np.abs(written - expected).max() < 1e-4 * span
    assert len(list((folder / "out").glob("photo_*.png"))) == 1


def test_a_config_without_a_resize_is_named(case):
    folder, _, config = case
    cfg = load_config(str(config), {"test_dataloader.dataset.pipeline.resize": None})
    with pytest.raises(UserError, match="no Resize in test_dataloader"):
        DepthInferencer(cfg, str(folder / "official.pth"))


def test_a_stereo_model_gives_disparity_in_pixels_of_the_image(tmp_path):
    """The image is shrunk by area as in training: at half the size each pixel is the mean of four."""
    cfg = load_config(str(ROOT / "configs/garg/alexnet_kitti.py"), {RESIZE: (64, 128)})
    cfg.model.backbone = dict(type="TimmBackbone", name="test_resnet")
    torch.manual_seed(0)
    model = MODELS.build(cfg.model).eval()
    torch.nn.init.normal_(model.head.conv7.weight)
    torch.nn.init.constant_(model.head.conv7.bias, 5)
    torch.save(dict(state_dict=model.state_dict(), meta={}), tmp_path / "model.pth")
    image = np.random.default_rng(0).integers(0, 256, (128, 256, 3), dtype=np.uint8)
    halved = image.reshape(64, 2, 128, 2, 3).mean((1, 3)) / 255 - 0.5
    with torch.inference_mode():
        raw = model(torch.from_numpy(halved.transpose(2, 0, 1)[None]).float())["disparity"]
    expected = F.interpolate(raw, (128, 256), mode="bilinear") * 256 / raw.shape[-1]
    predict = DepthInferencer(cfg, str(tmp_path / "model.pth"), "cpu")
    found = predict(image)[0]
    assert expected.std() > 0.01 and (found.quantity, found.unit) == ("disparity", "px")
    np.testing.assert_allclose(found.map, expected[0, 0].numpy(), atol=1e-4)
    assert predict(image, focal_length=150.0)[0].quantity == predict(image, baseline=0.5)[0].quantity == "disparity"
    depth = predict(image, focal_length=150.0, baseline=0.5)[0]
    assert (depth.quantity, depth.unit, depth.focal_length) == ("depth", "m", 150)
    metres = 150 * 0.5 / np.maximum(expected[0, 0].numpy().astype(np.float64), 150 * 0.5 / 1000)
    np.testing.assert_allclose(depth.map, metres, rtol=1e-3)


class TaskHead(nn.Module):
    """Logits of five classes, or a score for each, from the coarsest map."""

    def __init__(self, in_channels, in_strides, dense: bool):
        super().__init__()
        self.dense, self.classify = dense, nn.Conv2d(in_channels[-1], 5, 1)

    def forward(self, features, image_size):
        values = self.classify(features[-1])
        return {"logits": values} if self.dense else {"scores": values.mean((2, 3))}


@pytest.mark.parametrize("dense", [True, False])
def test_a_head_of_another_task_gives_its_quantity_at_the_images_size(tmp_path, monkeypatch, dense):
    monkeypatch.setitem(HEADS.module_dict, "TaskHead", TaskHead)
    cfg = load_config(str(ROOT / "configs/garg/alexnet_kitti.py"), {RESIZE: (64, 128)})
    cfg.model.backbone = dict(type="TimmBackbone", name="test_resnet")
    cfg.model.head = dict(type="TaskHead", dense=dense)
    cfg.model.losses = None
    torch.manual_seed(0)
    model = MODELS.build(cfg.model).eval()
    torch.save(dict(state_dict=model.state_dict(), meta={}), tmp_path / "model.pth")
    image = np.random.default_rng(0).integers(0, 256, (64, 128, 3), dtype=np.uint8)
    name = "logits" if dense else "scores"
    with torch.inference_mode():
        raw = model(torch.from_numpy(image.transpose(2, 0, 1)[None] / 255 - 0.5).float())[name]
    expected = F.interpolate(raw, (64, 128), mode="bilinear") if dense else raw
    (found,) = DepthInferencer(cfg, str(tmp_path / "model.pth"), "cpu")(image)
    assert found.quantity == name and expected.std() > 1e-3
    if dense:
        assert found.scores is None
        np.testing.assert_array_equal(found.map, expected[0].argmax(0).numpy())
    else:
        assert found.map is None
        np.testing.assert_allclose(found.scores, expected[0].numpy(), atol=1e-4)
