"""From an image to what a model predicts of it, with a config and a checkpoint."""

from collections.abc import Mapping

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mdetools.datasets.transforms.geometric import lower_bound_size
from mdetools.engine.configs.nested_datasets import pipeline_of
from mdetools.engine.configs.required_entries import require_entries
from mdetools.errors import UserError
from mdetools.registry import MODELS, TRANSFORMS
from mdetools.weights.loading import load_whole

__all__ = ["DepthInferencer"]


class DepthInferencer:
    """Predicts the depth of single images, or another quantity, as the reference of Depth Anything V2 does.

    >>> depth = DepthInferencer(load_config("configs/dav2/vits_nyu.py"), "best_abs_rel.pth")(image)  # doctest: +SKIP

    The image is resized as the config's `Resize` does it, but in floating point, so that cubic interpolation keeps its
    overshoot (the training pipeline resizes uint8, for speed), and the prediction is brought back to the image's size
    bilinearly, depth with aligned corners.

    Args:
        cfg: a config with a `model`, and a `Resize` in the pipeline of its `test_dataloader`; its `weights_as_is=True`
            loads weights that were made for another model all the same.
        checkpoint: weights of any known format, for the whole model.
        device: where to run; None takes the GPU if there is one.

    Raises:
        UserError: if the checkpoint does not fit or was made for another model, or the config has no model or no test
            resize.
    """

    def __init__(self, cfg: Config, checkpoint: str, device: str | None = None) -> None:
        init_default_scope(cfg.get("default_scope", "mdetools"))
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        require_entries(cfg, "a prediction", "model")
        self.model = MODELS.build(cfg.model)
        load_whole(self.model, checkpoint, cfg.get("weights_as_is", False))
        self.model.to(self.device).eval()
        self.resize = TRANSFORMS.build(resize_config(cfg))

    @torch.inference_mode()
    def __call__(self, image: np.ndarray) -> dict[str, np.ndarray]:
        """Predicts one image.

        Args:
            image: uint8 (H, W, 3), RGB.

        Returns:
            The quantity that the model predicts (a key of `mdetools.contract.QUANTITIES`, which names its unit), at the
            image's size: float32 (H, W), of several channels (K, H, W), of the whole image (K,).
        """
        height, width = image.shape[:2]
        resize = self.resize
        rows, columns = lower_bound_size(height, width, resize.size, resize.multiple_of, resize.keep_aspect)
        resized = resize.resize_image(image.astype(np.float32) / 255, rows, columns)
        tensor = torch.from_numpy(resized).permute(2, 0, 1)[None].to(self.device)
        targets = {"size": torch.tensor([[height, width]])}
        (prediction,) = self.model(self.model.data_preprocessor.normalize(tensor), targets, mode="predict")
        return {name: (v[0] if v.ndim == 3 and len(v) == 1 else v).cpu().numpy() for name, v in prediction.items()}


def resize_config(cfg: Config) -> dict:
    """The config of the `Resize` in a config's test pipeline.

    Raises:
        UserError: if there is none.
    """
    pipeline = pipeline_of((cfg.get("test_dataloader") or {}).get("dataset")) or {}
    steps = pipeline.values() if isinstance(pipeline, Mapping) else pipeline
    for step in steps:
        if step and step["type"].rsplit(".")[-1] == "Resize":
            return dict(step)
    raise UserError("the config has no Resize in test_dataloader.dataset.pipeline, so the size to run at is unknown")
