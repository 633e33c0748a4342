"""Small models of all kinds with their configs, pictures, and the maps that the test pipeline gives, for exports."""

from pathlib import Path

import cv2
import h5py
import numpy as np
import torch
from mmengine.config import Config

from mdetools.apis.map_difference import made_up_picture
from mdetools.contract import QUANTITIES
from mdetools.datasets.collation import collate_samples
from mdetools.engine.configs.loading import load_config
from mdetools.registry import MODELS, TRANSFORMS
from support import tiny_training  # noqa: F401  (registers the architecture "tiny")
from support.paths import REAL_DATA, ROOT

__all__ = ["EXPORTED", "pictures", "pipeline_map", "write_model"]

SIZE = "test_dataloader.dataset.pipeline.resize.size"
TINY_VIT = {
    "model.backbone.arch": "tiny",
    "model.backbone.out_indices": (0, 1, 2, 3),
    "model.head.features": 8,
    "model.head.out_channels": [8, 8, 8, 8],
    SIZE: 70,
}
CALIBRATED = dict(
    _delete_=True,
    type="CalibratedOutput",
    output=dict(type="SigmoidDepth", max_depth=10.0),
    space="log_depth",
    scale=1.3,
    shift=0.1,
    max_depth=20.0,
)
EXPORTED = {  # config and what makes the model small
    "metric": ("dav2/vits_nyu", TINY_VIT),
    "relative": ("dav2/vits_relative", TINY_VIT),
    "calibrated": ("dav2/vits_nyu", TINY_VIT | {"model.head.output": CALIBRATED, "model.flip_test": "mean"}),
    "residual": (
        "relative/tiny",
        {
            "model.backbone.options.channels": [8, 8, 16, 16],
            "model.head.features": 8,
            "model.head.out_channels": [8, 8, 8, 8],
            SIZE: 64,
        },
    ),
    "stereo": ("garg/alexnet_kitti", {SIZE: (94, 310)}),
}


def randomise(model: torch.nn.Module) -> None:
    """Gives all weights random values, so that the map varies from pixel to pixel."""
    torch.manual_seed(0)
    with torch.no_grad():
        for key, value in model.named_parameters():
            if "pos_embed" in key:
                value.normal_()
            elif "doublings" in key:
                value.add_(0.05 * torch.randn_like(value))
            elif value.ndim > 1:
                value.normal_().mul_(1.4 * value[0].numel() ** -0.5)
            else:
                value.add_(0.1 * torch.randn_like(value))


def write_model(name: str, folder: Path) -> tuple[Path, Path]:
    """Writes the config and the checkpoint of a model of `EXPORTED`."""
    config, options = EXPORTED[name]
    cfg = load_config(str(ROOT / "configs" / f"{config}.py"), options)
    model = MODELS.build(cfg.model)
    randomise(model)
    cfg.dump(folder / f"{name}.json")  # which keeps the order of a pipeline's steps
    torch.save({"state_dict": model.state_dict(), "meta": {}}, folder / f"{name}.pth")
    return folder / f"{name}.json", folder / f"{name}.pth"


def pictures(folder: Path) -> list[Path]:
    """Three pictures of different aspect as PNG: real ones of a street, a room and a table where they are there."""
    if REAL_DATA.is_dir():
        street = cv2.imread(str(next(iter(sorted(REAL_DATA.glob("kitti_raw/**/image_02/data/*.jpg"))))))
        table = cv2.imread(str(next(iter(sorted(REAL_DATA.glob("middlebury/*/im0.png"))))))
        with h5py.File(next(iter(sorted(REAL_DATA.glob("nyu/val_nyu/nyu/*.h5"))))) as file:
            room = file["rgb"][:].transpose(1, 2, 0)[:, 100:400, ::-1]
    else:
        street, room, table = (made_up_picture(*size) for size in ((375, 1242), (480, 300), (555, 695)))
    found = []
    for name, picture in (("street", street), ("room", room), ("table", table)):
        found.append(folder / f"{name}.png")
        cv2.imwrite(str(found[-1]), np.ascontiguousarray(picture))
    return found


def pipeline_map(config: Path, checkpoint: Path, picture: np.ndarray) -> np.ndarray:
    """What a config's test pipeline and `test_step` make of a picture, uint8 RGB: the map at the picture's size."""
    cfg: Config = load_config(str(config))
    model = MODELS.build(cfg.model).eval()
    model.load_state_dict(torch.load(checkpoint, weights_only=True)["state_dict"])
    sample = {"image": picture, "size": np.array(picture.shape[:2]), "meta": {"id": "picture"}}
    for step in cfg.test_dataloader.dataset.pipeline.values():
        sample = TRANSFORMS.build(step)(sample, np.random.default_rng(0))
    with torch.no_grad():
        (prediction,) = model.test_step(collate_samples([sample]))
    (values,) = (value for name, value in prediction.items() if name in QUANTITIES)
    return values[0].numpy()
