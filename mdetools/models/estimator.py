"""The one model of mdetools: a backbone, a head and any set of losses."""

from collections.abc import Mapping, Sequence

import torch
from mmengine.model import BaseModel
from torch import Tensor, nn

from mdetools.contract import Prediction, Targets
from mdetools.errors import UserError, suggest
from mdetools.models.postprocess.flip_averaging import MERGES, merge_flipped
from mdetools.models.postprocess.splitting import split_prediction
from mdetools.models.postprocess.views import average_scales, check_scales, check_windows, predict_in_windows
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
        scale_test: factors of the image's sides, such as `[0.75, 1, 1.25]`: each "predict" is the mean of those at
            these sizes, see `average_scales`; None, the default, does not.
        window_test: `dict(size=..., overlap=1/3)`: each "predict" is put together of those of windows of this size in
            pixels of the network's image, see `predict_in_windows`; None, the default, does not. Windows are cut from
            the image at each of the sizes, mirrored and not.

    Raises:
        UserError: if there is no such `flip_test`, or `scale_test` or `window_test` is out of its range.
    """

    def __init__(
        self,
        backbone: dict,
        head: dict,
        losses: dict[str, dict | None] | None = None,
        data_preprocessor: dict | None = None,
        flip_test: str | None = None,
        scale_test: Sequence[float] | None = None,
        window_test: Mapping | None = None,
    ) -> None:
        super().__init__(data_preprocessor=MODELS.build({"type": "DataPreprocessor", **(data_preprocessor or {})}))
        if flip_test is not None and flip_test not in MERGES:
            raise UserError(f"flip_test is '{flip_test}'; {suggest(flip_test, [*MERGES, 'None'])}")
        self.flip_test = flip_test
        self.scale_test, self.window_test = check_scales(scale_test), check_windows(window_test)
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
        if mode == "tensor":
            return self.run(image)
        if mode == "loss":
            return self.compute_losses(self.run(image), targets)
        return split_prediction(self.run_views(image), tuple(image.shape[-2:]), targets or {})

    def run(self, image: Tensor) -> Prediction:
        """Backbone and head."""
        features = self.backbone(image)
        prediction = self.head(features, tuple(image.shape[-2:]))
        prediction["features"] = features
        return prediction

    def run_views(self, image: Tensor) -> Prediction:
        """Backbone and head, averaged over sizes, the mirrored image and windows as the options of tests say."""
        if self.scale_test is None:
            return self.run_flipped(image)
        return average_scales(self.run_flipped, image, self.scale_test, max(self.backbone.strides))

    def run_flipped(self, image: Tensor) -> Prediction:
        """Backbone and head, averaged with the mirrored image if `flip_test` says so."""
        prediction = self.run_windows(image)
        if self.flip_test is None:
            return prediction
        return merge_flipped(prediction, self.run_windows(image.flip(-1)), self.flip_test)

    def run_windows(self, image: Tensor) -> Prediction:
        """Backbone and head, in windows if `window_test` says so."""
        return self.run(image) if self.window_test is None else predict_in_windows(self.run, image, **self.window_test)

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
