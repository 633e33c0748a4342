"""The labelled frames that a model is calibrated on, with what it predicts for them."""

from dataclasses import dataclass

import numpy as np
import torch
from mmengine.config import Config
from torch import Tensor, nn

from mdetools.contract import QUANTITIES, quantity_of
from mdetools.datasets.collation import collate_samples
from mdetools.engine.baseline import bare_config
from mdetools.engine.configs.nested_datasets import pipeline_of
from mdetools.engine.configs.required_entries import require_entries
from mdetools.errors import UserError
from mdetools.geometry import SPACES
from mdetools.progress import track
from mdetools.registry import DATASETS

__all__ = ["Frame", "predict_frames"]


@dataclass(frozen=True)
class Frame:
    """One labelled image and its prediction.

    Attributes:
        name: the sample's id.
        values: float32 (1, h, w), what the output layer gives, at the size that the network works at.
        depth: float32 (1, H, W), the true depth, metres.
        valid_mask: bool (1, H, W).
    """

    name: str
    values: Tensor
    depth: Tensor
    valid_mask: Tensor

    def resized(self, values: Tensor, quantity: str) -> Tensor:
        """A map of the network's size, such as `values`, at the ground truth's, as a test brings it there."""
        return QUANTITIES[quantity].resize(values[None], tuple(self.depth.shape[-2:]))[0]


def dataset_of(cfg: Config, split: str) -> dict:
    """The config of a data set whose samples are prepared as those of a test are.

    Args:
        cfg: the config.
        split: `train`, `val` or `test`.

    Raises:
        UserError: if there is no such data set, or no pipeline of a test for that of the training.
    """
    require_entries(cfg, "a calibration", "model", f"{split}_dataloader")
    dataset = cfg[f"{split}_dataloader"].dataset
    if split != "train":
        return dataset
    for loader in ("test_dataloader", "val_dataloader"):
        pipeline = pipeline_of((cfg.get(loader) or {}).get("dataset"))
        if pipeline is not None:
            return bare_config(dataset, pipeline=pipeline)
    raise UserError("the config has no pipeline of a test to read the training set with; set that of test_dataloader")


@torch.inference_mode()
def predict_frames(cfg: Config, model: nn.Module, split: str, count: int | None) -> tuple[str, list[Frame]]:
    """Runs a model on frames that are spread over a data set.

    Args:
        cfg: the config that `model` was built of.
        model: in eval mode, on its device.
        split: `train`, `val` or `test`.
        count: of frames; None takes all. A data set that has fewer gives all.

    Returns:
        The quantity that the model predicts, and the frames in the data set's order, on the CPU.

    Raises:
        UserError: if the data set gives no depth, or nothing is known of calibrating this quantity.
    """
    dataset = DATASETS.build(dataset_of(cfg, split))
    length = len(dataset)
    indices = np.unique(np.linspace(0, length - 1, min(count or length, length)).round().astype(int)).tolist()
    quantity, frames = "", []
    for index in track(indices, len(indices), f"frames of {split}"):
        sample = dataset[index]
        if "depth" not in sample or "valid_mask" not in sample:
            raise UserError(
                f"the {split} set gives no depth to calibrate on (it gives {', '.join(sample)}); choose another by "
                "--split, or set its depth_source"
            )
        prediction = model.run(model.data_preprocessor(collate_samples([sample]))["image"])
        quantity = quantity_of(prediction).name
        check_calibratable(quantity)
        values = prediction[quantity][0].float().cpu().clone()
        frames.append(Frame(sample["meta"]["id"], values, sample["depth"], sample["valid_mask"]))
    return quantity, frames


def check_calibratable(quantity: str) -> None:
    """Checks that there is a space for a quantity.

    Raises:
        UserError: if there is none, with the reason.
    """
    if any(space.takes == quantity for space in SPACES.values()):
        return
    if QUANTITIES[quantity].to_depth is not None:
        reason = "whose metres come from each pair's focal length and baseline; correct those in the data set"
    else:
        reason = "which is no depth"
    takes = " or ".join(sorted({f"'{space.takes}'" for space in SPACES.values()}))
    raise UserError(f"the model predicts '{quantity}', {reason}: only {takes} of an output layer can be calibrated")
