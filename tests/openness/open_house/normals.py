"""Surface normals: a field and a quantity that mdetools does not know."""

import torch
import torch.nn.functional as F
from mmengine.evaluator import BaseMetric
from torch import nn

from mdetools.contract import FIELDS, QUANTITIES, Field, Quantity
from mdetools.models.losses.inputs import require_prediction, require_target
from mdetools.registry import LOSSES, METRICS

SIGNS = (-1.0, 1.0, 1.0)  # of x, y, z in a mirror

FIELDS["normals"] = Field("map", torch.float32, "3HW", hole=0, mirror=SIGNS)


def mirror_normals(values):
    """Normals (B, 3, H, W) as a mirror shows them."""
    return values.flip(-1) * values.new_tensor(SIGNS).view(3, 1, 1)


QUANTITIES["normals"] = Quantity("normals", mirror=mirror_normals, picture="vector", suggested_loss="NormalsLoss")


@LOSSES.register_module()
class NormalsLoss(nn.Module):
    """1 - cosine, over the pixels with a normal."""

    def __init__(self, weight=1.0):
        super().__init__()
        self.weight = weight

    def forward(self, prediction, targets):
        truth = require_target(targets, "normals")
        cosine = F.cosine_similarity(require_prediction(prediction, "normals").float(), truth, dim=1)
        known = truth.any(1)
        return self.weight * ((1 - cosine) * known).sum() / known.sum().clamp(min=1)


@METRICS.register_module()
class AngularError(BaseMetric):
    """Mean angle in degrees."""

    default_prefix = ""
    higher_is_better = {"angle": False}

    def process(self, data_batch, data_samples):
        for prediction, truth in zip(data_samples, data_batch["normals"], strict=True):
            cosine = F.cosine_similarity(prediction["normals"].cpu(), truth, dim=0).clamp(-1, 1)
            self.results.append(cosine.acos().rad2deg().mean().item())

    def compute_metrics(self, results):
        return {"angle": sum(results) / len(results)}
