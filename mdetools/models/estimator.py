"""The one model of mdetools: a backbone, a head and any set of losses."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from torch import Tensor, nn

from mdetools.contract.types import Prediction, Targets
from mdetools.errors import UserError
from mdetools.geometry import disparity_to_depth, resize_disparity
from mdetools.models.postprocess.flip_averaging import MERGES, merge_flipped
from mdetools.registry import BACKBONES, HEADS, LOSSES, MODELS

__all__ = ["DepthEstimator", "resize_prediction"]


@MODELS.register_module()
class DepthEstimator(BaseModel):
    """Joins any backbone with any head; what it learns from is the set of losses alone.

    Args:
        backbone: config from BACKBONES.
        head: config from HEADS; it is given the backbone's `channels` and `strides`.
        losses: named configs from LOSSES, e.g. `dict(silog=dict(type="SiLogLoss"))`; a None is left out. The training
            loss is their sum, and each is logged as `loss_<name>`.
        data_preprocessor: config of the preprocessor.
        flip_test: "mean" or "stereo" averages each "predict" with that of the mirrored image, see `merge_flipped`;
            None, the default, does not.

    Raises:
        UserError: if there is no such `flip_test`.
    """

    def __init__(
        self,
        backbone: dict,
        head: dict,
        losses: dict[str, dict | None] | None = None,
        data_preprocessor: dict | None = None,
        flip_test: str | None = None,
    ) -> None:
        super().__init__(data_preprocessor=data_preprocessor or dict(type="mdetools.DepthDataPreprocessor"))
        if flip_test is not None and flip_test not in MERGES:
            raise UserError(f"flip_test is '{flip_test}'; expected one of: {', '.join(MERGES)}, or None")
        self.flip_test = flip_test
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
            targets: the batch after preprocessing; needed for "loss". For "predict" it gives the ground truth's size,
                and the `intrinsics` and the `baseline` that make depth of disparity.
            mode: "tensor" gives the `Prediction` with its `features`; "loss" the named losses; "predict" a list of one
                dict an image, resized to the ground truth's size if there is one.
        """
        prediction = self.run(image)
        if mode == "tensor":
            return prediction
        if mode == "loss":
            return self.compute_losses(prediction, targets)
        if self.flip_test is not None:
            prediction = merge_flipped(prediction, self.run(image.flip(-1)), self.flip_test)
        return self.split(prediction, tuple(image.shape[-2:]), targets or {})

    def run(self, image: Tensor) -> Prediction:
        """Backbone and head."""
        features = self.backbone(image)
        prediction = self.head(features, tuple(image.shape[-2:]))
        prediction["features"] = features
        return prediction

    def compute_losses(self, prediction: Prediction, targets: Targets) -> dict[str, Tensor]:
        """Each loss, as a scalar under `loss_<name>`; autocast is off, for sums and logarithms need float32."""
        with torch.autocast(targets["image"].device.type, enabled=False):
            return {f"loss_{name}": loss(prediction, targets) for name, loss in self.losses.items()}

    def split(self, prediction: Prediction, image_size: tuple[int, int], targets: Targets) -> list[dict[str, Tensor]]:
        """One dict an image, its map of the ground truth's size.

        A disparity becomes depth, which takes the focal length and the baseline; without them it stays a disparity.
        """
        size = tuple(targets["depth"].shape[-2:]) if "depth" in targets else image_size
        (key, values), *_ = resize_prediction(prediction, size).items()
        if key == "disparity" and "baseline" in targets and "intrinsics" in targets:
            focal = targets["intrinsics"][:, 0, 0] * (size[1] / image_size[1])
            key, values = "depth", disparity_to_depth(values, focal, targets["baseline"])
        return [{key: one} for one in values]


def resize_prediction(prediction: Prediction, size: tuple[int, int]) -> Prediction:
    """The quantity that a head predicts, as a map of another size.

    Depth is resized as Depth Anything evaluates it, bilinearly with aligned corners. Disparity is not aligned at the
    corners, as the images that it was learned from were not, and is in pixels of the new width.

    Args:
        prediction: as the head gave it.
        size: (H, W).

    Returns:
        `{quantity: (B, 1, H, W)}`, float32.
    """
    if "disparity" in prediction:
        return {"disparity": resize_disparity(prediction["disparity"].float(), size)}
    quantity = "depth" if "depth" in prediction else "inverse_depth"
    resized = F.interpolate(prediction[quantity].float(), size, mode="bilinear", align_corners=True)
    return {quantity: resized}
