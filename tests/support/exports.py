"""Small models of all kinds with their configs, pictures, and the maps that the test pipeline gives, for exports."""

import sys
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
from mdetools.engine.process.cli import run_cli
from mdetools.registry import MODELS, TRANSFORMS
from support.commands import load_tool
from support.paths import REAL_DATA, ROOT
from support.tiny_training import in_child  # which registers the architecture "tiny"

__all__ = [
    "EXPORTED",
    "MINUTES",
    "RUN",
    "export",
    "far",
    "pictures",
    "pipeline_map",
    "read",
    "run_export",
    "write_model",
]

RUN = """
import runpy, sys
for picture in sys.argv[2:]:
    sys.argv = ["onnx_runner.py", sys.argv[1], picture, "--out", picture + ".npy"]
    runpy.run_path(RUNNER, run_name="__main__")
assert not {"torch", "mdetools"} & set(sys.modules)
""".replace("RUNNER", repr(str(ROOT / "examples" / "onnx_runner.py")))  # on a model and pictures
MINUTES = 600  # seconds that an export may take on a busy machine

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


def run_export(*words) -> None:
    """tools/export.py in this process, which it ends."""
    tool = load_tool("export")
    sys.argv = ["export.py", *map(str, words)]
    run_cli(tool.main, tool.parse_args())


def export(folder: Path, *words, code: int = 0) -> str:
    """What tools/export.py prints, run in a process of its own, which ends with `code`."""
    log = folder / "log"
    log.write_text("")
    assert in_child(log, run_export, *words, seconds=MINUTES) == code, log.read_text()
    return log.read_text()


def read(path: Path) -> np.ndarray:
    """A picture, uint8 RGB (H, W, 3)."""
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def far(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference as a part of the range of a map that varies."""
    spread = expected.max() - expected.min()
    assert found.shape == expected.shape and expected.std() > 0.03 * spread > 0
    return np.abs(found - expected).max() / spread
