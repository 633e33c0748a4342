from collections.abc import Mapping, Sequence

import numpy as np
from mmengine.evaluator import BaseMetric
from torch import Tensor

from mdetools.registry import METRICS


@METRICS.register_module()
class DepthBias(BaseMetric):
    """Mean over images of the size of the mean of prediction - ground truth, metres."""

    default_prefix = ""
    higher_is_better = {"bias": False}

    def process(self, data_batch: Mapping, data_samples: Sequence[Mapping[str, Tensor]]) -> None:
        """Appends one row per image."""
        for prediction, truth, mask in zip(data_samples, data_batch["depth"], data_batch["valid_mask"], strict=True):
            error = (prediction["depth"].to(truth.device) - truth) * mask
            self.results.append((error.sum().abs() / mask.sum().clamp(min=1)).item())

    def compute_metrics(self, results: list[float]) -> dict[str, float]:
        """Returns the mean of the rows."""
        return {"bias": float(np.mean(results))}
