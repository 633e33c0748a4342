"""Classes per pixel: cross-entropy and mean intersection over union."""

import torch
import torch.nn.functional as F
from mmengine.evaluator import BaseMetric
from torch import nn

from mdetools.models.losses.inputs import require_prediction, require_target
from mdetools.registry import LOSSES, METRICS


@LOSSES.register_module()
class CrossEntropy(nn.Module):
    """Of `logits` and `semantic`; pixels of class 255 do not count."""

    def __init__(self, weight=1.0):
        super().__init__()
        self.weight = weight

    def forward(self, prediction, targets):
        logits, semantic = require_prediction(prediction, "logits").float(), require_target(targets, "semantic")[:, 0]
        total = F.cross_entropy(logits, semantic, ignore_index=255, reduction="sum")
        return self.weight * total / (semantic != 255).sum().clamp(min=1)


@METRICS.register_module()
class MeanIoU(BaseMetric):
    """Mean over classes of the intersection over union of all images."""

    default_prefix = ""
    higher_is_better = {"mIoU": True}

    def __init__(self, classes, prefix=None):
        super().__init__(prefix=prefix)
        self.classes = classes

    def process(self, data_batch, data_samples):
        for prediction, truth in zip(data_samples, data_batch["semantic"], strict=True):
            found, truth = prediction["logits"].argmax(0).cpu(), truth[0]
            known = truth != 255
            pairs = (truth[known] * self.classes + found[known]).bincount(minlength=self.classes**2)
            self.results.append(pairs.view(self.classes, self.classes))

    def compute_metrics(self, results):
        table = torch.stack(results).sum(0).double()
        union = table.sum(0) + table.sum(1) - table.diag()
        return {"mIoU": (table.diag() / union)[union > 0].mean().item()}
