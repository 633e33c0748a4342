"""Which of two points is closer."""

from mmengine.evaluator import BaseMetric

from mdetools.geometry import sample_at
from mdetools.registry import METRICS


@METRICS.register_module()
class OrdinalAccuracy(BaseMetric):
    """Share of the pairs of all images whose first point is predicted closer; a tie is wrong."""

    default_prefix = ""
    higher_is_better = {"ordinal": True}

    def process(self, data_batch, data_samples):
        image_size = tuple(data_batch["image"].shape[-2:])
        for prediction, pairs in zip(data_samples, data_batch["point_pairs"], strict=True):
            depth = sample_at(prediction["depth"].cpu(), pairs, image_size)[..., 0]
            known = depth.isfinite().all(1)
            self.results.append([(depth[known, 0] < depth[known, 1]).sum().item(), known.sum().item()])

    def compute_metrics(self, results):
        right, every = map(sum, zip(*results, strict=True))
        return {"ordinal": right / every, "pairs": every}
