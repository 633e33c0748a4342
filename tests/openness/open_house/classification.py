"""One class per image."""

import torch.nn.functional as F
from mmengine.evaluator import BaseMetric
from torch import nn

from mdetools.models.losses.inputs import require_prediction, require_target
from mdetools.registry import HEADS, LOSSES, METRICS


@HEADS.register_module()
class PoolingHead(nn.Module):
    """A score per class, from the means of all maps."""

    def __init__(self, in_channels, in_strides, classes):
        super().__init__()
        self.linears = nn.ModuleList(nn.Linear(c, classes) for c in in_channels)

    def forward(self, features, image_size):
        return {"scores": sum(linear(x.mean((2, 3))) for linear, x in zip(self.linears, features, strict=True)).float()}


@LOSSES.register_module()
class LabelCrossEntropy(nn.Module):
    """Of `scores` and `label`; images of label -1 do not count."""

    def __init__(self, weight=1.0):
        super().__init__()
        self.weight = weight

    def forward(self, prediction, targets):
        scores, label = require_prediction(prediction, "scores").float(), require_target(targets, "label")
        total = F.cross_entropy(scores, label, ignore_index=-1, reduction="sum")
        return self.weight * total / (label >= 0).sum().clamp(min=1)


@METRICS.register_module()
class TopOne(BaseMetric):
    """Share of images whose highest score is their label's."""

    default_prefix = ""
    higher_is_better = {"top1": True}

    def process(self, data_batch, data_samples):
        for prediction, label in zip(data_samples, data_batch["label"], strict=True):
            self.results.append(float(prediction["scores"].argmax().item() == label.item()))

    def compute_metrics(self, results):
        return {"top1": sum(results) / len(results)}
