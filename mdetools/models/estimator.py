"""The one model of mdetools: a backbone, a head and any set of losses."""

import torch
from mmengine.model import BaseModel
from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.errors import UserError, suggest
from mdetools.models.postprocess.flip_averaging import MERGES, merge_flipped
from mdetools.models.postprocess.splitting import split_prediction
from mdetools.registry import BACKBONES, HEADS, LOSSES, MODELS

__all__ = ["Estimator"]

MODES = ("tensor", "loss", "predict")


@MODELS.register_module(name=["Estimator", "DepthEstimator"])  # the second is its name in configs of version 0.1
class Estimator(BaseModel):
    """Joins any backbone with any head; what it learns from is the set of losses alone.

    It knows no quantity by name: what a head predicts is a key of `mdetools.contract.QUANTITIES`.

    >>> from mdetools.engine.configs.loading import load_config
    >>> model = MODELS.build(load_config("configs/dav2/vits_nyu.py").model).eval()
    >>> model(torch.zeros(1, 3, 28, 42))["depth"].shape
    torch.Size([1, 1, 28, 42])

    Args:
        backbone: config from BACKBONES.
        head: config from HEADS; it is given the backbone's `channels` and `strides`.
        losses: named configs from LOSSES, e.g. `dict(silog=dict(type="SiLogLoss"))`; a None is left out. The training
            loss is their sum, and each is logged as `loss_<name>`.
        data_preprocessor: config of the preprocessor, from MODELS; its type is `DataPreprocessor` if it says none.
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
        super().__init__(data_preprocessor=MODELS.build({"type": "DataPreprocessor", **(data_preprocessor or {})}))
        if flip_test is not None and flip_test not in MERGES:
            raise UserError(f"flip_test is '{flip_test}'; {suggest(flip_test, [*MERGES, 'None'])}")
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
            targets: the batch after preprocessing; needed for "loss". For "predict" it gives the size to return to and
                the camera that makes depth of disparity.
            mode: "tensor" gives the `Prediction` with its `features`; "loss" the named losses; "predict" a list of one
                dict per image, see `split_prediction`.

        Raises:
            UserError: if there is no such mode, or a loss needs what is not there.
        """
        if mode not in MODES:
            raise UserError(f"the model has no mode '{mode}'; {suggest(mode, MODES)}")
        prediction = self.run(image)
        if mode == "tensor":
            return prediction
        if mode == "loss":
            return self.compute_losses(prediction, targets)
        if self.flip_test is not None:
            prediction = merge_flipped(prediction, self.run(image.flip(-1)), self.flip_test)
        return split_prediction(prediction, tuple(image.shape[-2:]), targets or {})

    def run(self, image: Tensor) -> Prediction:
        """Backbone and head."""
        features = self.backbone(image)
        prediction = self.head(features, tuple(image.shape[-2:]))
        prediction["features"] = features
        return prediction

    def compute_losses(self, prediction: Prediction, targets: Targets) -> dict[str, Tensor]:
        """Each loss, as a scalar under `loss_<name>`; autocast is off, for sums and logarithms need float32."""
        values = {}
        with torch.autocast(targets["image"].device.type, enabled=False):
            for name, loss in self.losses.items():
                try:
                    values[f"loss_{name}"] = loss(prediction, targets)
                except UserError as error:
                    raise UserError(f"model.losses.{name} ({type(loss).__name__}): {error}") from error
        return values
