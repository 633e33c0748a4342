"""A model that knows the depth of a small data set, and the same one with its depth scaled and bent.

Configs name this module in `custom_imports`.
"""

from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
import torch
from torch import Tensor, nn

from mdetools.engine.configs.loading import load_config
from mdetools.models.heads import SigmoidDepth
from mdetools.registry import MODELS, OUTPUTS
from support.tiny_training import tiny_config, write_nyu_frames

__all__ = ["BentDepth", "Trained", "write_trained"]

FACTOR, POWER = 1.3, 0.9
NOISE = 0.1  # deviation of the true depth's logarithm


@OUTPUTS.register_module()
class BentDepth(SigmoidDepth):
    """1.3 * depth ** 0.9."""

    def forward(self, logits: Tensor) -> Tensor:
        return FACTOR * super().forward(logits) ** POWER


@OUTPUTS.register_module()
class InverseOfDepth(nn.Module):
    """Relative inverse depth: (1 / depth - 0.05) / 0.3 of `SigmoidDepth`."""

    quantity = "inverse_depth"
    initial_logit = 0.0

    def forward(self, logits: Tensor) -> Tensor:
        return (1 / (10 * logits.sigmoid()) - 0.05) / 0.3


class Trained(NamedTuple):
    """Configs and checkpoints of one network, whose depth is right, bent, or relative."""

    right: tuple[Path, Path]
    bent: tuple[Path, Path]
    relative: tuple[Path, Path]


def write_trained(folder: Path, val: int = 12) -> Trained:
    """Writes the network, and frames of which it predicts the depth but for errors of a tenth, by frame and by pixel.

    Args:
        folder: where to.
        val: frames of the validation, 28x42.
    """
    data = write_nyu_frames(folder / "data", train=3, val=val, size=(28, 42))
    config = tiny_config(folder / "right.py", data)
    model = random_network(config)
    rng = np.random.default_rng(1)
    for index, path in enumerate(sorted(data.rglob("*.h5"))):
        with h5py.File(path, "r+") as file:
            image = torch.from_numpy(file["rgb"][:])[None].float() / 255
            with torch.inference_mode():
                depth = model(model.data_preprocessor.normalize(image))["depth"][0, 0].numpy()
            noise = rng.normal(0, NOISE, depth.shape) + NOISE / 3 * (-1) ** index
            file["depth"][:] = np.where(file["depth"][:] > 0, depth * np.exp(noise), 0)
    heir = f'_base_ = ["right.py"]\ncustom_imports = dict(imports=["{__name__}"], allow_failed_imports=False)\n'
    (folder / "bent.py").write_text(heir + 'model = dict(head=dict(output=dict(type="BentDepth")))\n')
    relative = 'model = dict(head=dict(output=dict(_delete_=True, type="InverseOfDepth")), losses=dict(silog=None, '
    relative += 'affine_invariant=dict(type="AffineInvariantLoss")))\n'
    relative += 'val_evaluator = dict(protocol="nyu_lstsq_disparity")\ntest_evaluator = val_evaluator\n'
    (folder / "relative.py").write_text(heir + relative)
    pairs = []
    for name in ("right", "bent", "relative"):
        cfg = load_config(str(folder / f"{name}.py"))
        meta = {"mdetools_version": "1.0", "cfg": cfg.pretty_text}
        torch.save({"meta": meta, "state_dict": model.state_dict()}, folder / f"{name}.pth")
        pairs.append((folder / f"{name}.py", folder / f"{name}.pth"))
    return Trained(*pairs)


def random_network(config: Path) -> nn.Module:
    """A network whose depth varies from pixel to pixel, between 2 m and 8 m as a rule."""
    torch.manual_seed(0)
    model = MODELS.build(load_config(str(config)).model).eval()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if parameter.ndim > 1 and "pos_embed" not in key:
                parameter.normal_().mul_(parameter[0].numel() ** -0.5)
        images = torch.randn(4, 3, 28, 42, generator=torch.Generator().manual_seed(1))
        logits = (model(images)["depth"] / 10).logit()
        model.head.output_conv3.weight.mul_(1 / logits.std())
        logits = (model(images)["depth"] / 10).logit()
        model.head.output_conv3.bias.sub_(logits.mean() + 0.4)
    return model
