"""The one model of mdetools: a backbone, a head and any set of losses."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from torch import Tensor, nn

from mdetools.registry import BACKBONES, HEADS, LOSSES, MODELS
from mdetools.typing import Prediction, Targets

__all__ = ["DepthEstimator"]


@MODELS.register_module()
class DepthEstimator(BaseModel):
    """Joins any backbone with any head; what it learns from is the set of losses alone.

    Args:
        backbone: config from BACKBONES.
        head: config from HEADS; it is given the backbone's `channels` and `strides`.
        losses: named configs from LOSSES, e.g. `dict(silog=dict(type="SiLogLoss"))`; a None is left out. The training
            loss is their sum, and each is logged as `loss_<name>`.
        data_preprocessor: config of the preprocessor.
    """

    def __init__(
        self,
        backbone: dict,
        head: dict,
        losses: dict[str, dict | None] | None = None,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor=data_preprocessor or dict(type="mdetools.DepthDataPreprocessor"))
        self.backbone = BACKBONES.build(backbone)
        self.head = HEADS.build(
            head, default_args=dict(in_channels=self.backbone.channels, in_strides=self.backbone.strides)
        )
        self.losses = nn.ModuleDict(
            {name: LOSSES.build(cfg) for name, cfg in (losses or {}).items() if cfg is not None}
        )

    def forward(
        self, image: Tensor, targets: Targets | None = None, mode: str = "tensor"
    ) -> Prediction | dict[str, Tensor] | list[dict[str, Tensor]]:
        """Runs the model.

        Args:
            image: (B, 3, H, W), normalised.
            targets: the batch after preprocessing; needed for "loss", and for the size of "predict".
            mode: "tensor" gives the `Prediction` with its `features`; "loss" the named losses; "predict" a list of one
                dict an image, resized to the ground truth's size if there is one.
        """
        features = self.backbone(image)
        prediction = self.head(features, tuple(image.shape[-2:]))
        prediction["features"] = features
        if mode == "tensor":
            return prediction
        if mode == "loss":
            return self.compute_losses(prediction, targets)
        return self.split(prediction, targets["depth"].shape[-2:] if "depth" in (targets or {}) else image.shape[-2:])

    def compute_losses(self, prediction: Prediction, targets: Targets) -> dict[str, Tensor]:
        """Each loss, as a scalar under `loss_<name>`; autocast is off, for sums and logarithms need float32."""
        with torch.autocast(targets["image"].device.type, enabled=False):
            return {f"loss_{name}": loss(prediction, targets) for name, loss in self.losses.items()}

    def split(self, prediction: Prediction, size: tuple[int, int]) -> list[dict[str, Tensor]]:
        """One dict an image, its map resized to `size` (bilinear, corners aligned, as Depth Anything evaluates)."""
        quantity = next(key for key in ("depth", "disparity", "inverse_depth") if key in prediction)
        resized = F.interpolate(prediction[quantity].float(), size, mode="bilinear", align_corners=True)
        return [{quantity: one} for one in resized]
