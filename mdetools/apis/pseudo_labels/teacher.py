"""The teacher: a model as a config and a checkpoint give it, and what tells it from another one."""

import hashlib
from collections.abc import Mapping

import torch
from mmengine.config import Config
from torch import Tensor, nn

from mdetools.apis.calibration.frames import pipeline_of
from mdetools.contract import inverse_depth_of
from mdetools.engine.configs.required_entries import require_entries
from mdetools.errors import UserError
from mdetools.models.model_config import without_training
from mdetools.registry import MODELS
from mdetools.weights.loading import load_whole

__all__ = ["build_teacher", "digest_of", "predict", "teacher_config", "image_pipeline"]


def image_pipeline(cfg: Config) -> Mapping | list:
    """The transforms that a config prepares a test image by.

    Raises:
        UserError: if it has none.
    """
    require_entries(cfg, "pseudo-labelling", "model", "test_dataloader")
    pipeline = pipeline_of(cfg.test_dataloader.get("dataset"))
    if pipeline is None:
        raise UserError("the config has no pipeline in test_dataloader.dataset to prepare the images by; set one")
    return pipeline


def build_teacher(
    cfg: Config, checkpoint: str, flip: bool = True, device: str | None = None, weights_as_is: bool = False
) -> nn.Module:
    """The model of a config, with its weights, ready to predict.

    Args:
        cfg: the config.
        checkpoint: weights of any known format, for the whole model.
        flip: average with the mirrored image, by the config's own `flip_test` if it has one, else by the mean.
        device: where to run; None takes the GPU if there is one.
        weights_as_is: load weights that were made for another model all the same.

    Raises:
        UserError: if the checkpoint does not fit.
    """
    require_entries(cfg, "pseudo-labelling", "model")
    method = cfg.model.get("flip_test") or "mean"
    model = MODELS.build({**without_training(cfg.model), "flip_test": method if flip else None})
    load_whole(model, checkpoint, weights_as_is or cfg.get("weights_as_is", False))
    return model.to(device or ("cuda" if torch.cuda.is_available() else "cpu")).eval()


@torch.inference_mode()
def predict(model: nn.Module, batch: dict, amp: str = "off") -> list[Tensor]:
    """The inverse depth of each image of a batch, (H, W), float32, at the image's own size as loaded."""
    data = model.data_preprocessor(batch)
    with torch.autocast(data["image"].device.type, torch.bfloat16, enabled=amp == "bf16"):
        predictions = model(data["image"], data["targets"], mode="predict")
    return [inverse_depth_of(prediction)[0] for prediction in predictions]


def digest_of(model: nn.Module) -> str:
    """SHA-256 of a model's weights, whatever file they came in."""
    digest = hashlib.sha256()
    for name, value in model.state_dict().items():
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()


def teacher_config(cfg: Config) -> dict:
    """What of a config decides what its model predicts, as plain data."""
    pipeline = image_pipeline(cfg)
    return {"model": plain(without_training(cfg.model)), "pipeline": plain(pipeline)}


def plain(node: object) -> object:
    """A config's node as JSON holds it."""
    if isinstance(node, Mapping):
        return {str(name): plain(value) for name, value in node.items() if value is not None}
    if isinstance(node, list | tuple):
        return [plain(value) for value in node]
    return node if isinstance(node, str | int | float | bool | None) else str(node)
