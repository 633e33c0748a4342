"""The config of a small Depth Anything whose weights a converter takes."""

from mmengine.config import Config

from support import tiny_training  # noqa: F401  (registers the architecture "tiny")
from support.models import METRIC

__all__ = ["convertible"]


def convertible(output=METRIC, size=518, head=None, model=None, **backbone) -> Config:
    """A model of the architecture `tiny` and the size of its images.

    Args:
        output: of the head.
        size: of its `Resize`.
        head: further arguments of the head.
        model: further arguments of the model.
        backbone: further arguments of the backbone.
    """
    vit = dict(type="DINOv2", arch="tiny", out_indices=(0, 1, 2, 3)) | backbone
    dpt = dict(type="DPTHead", features=8, out_channels=[8, 8, 8, 8], output=output, **(head or {}))
    pipeline = dict(resize=dict(type="Resize", size=size))
    dataset = dict(type="NYUDataset", data_root="data/nyu", split="val", pipeline=pipeline)
    estimator = dict(type="Estimator", backbone=vit, head=dpt, **(model or {}))
    return Config(dict(model=estimator, test_dataloader=dict(dataset=dataset)))
