"""The metrics that MMEngine's loops call."""

from mdetools.evaluation.metrics.classification_metric import ClassificationMetric, class_ranks
from mdetools.evaluation.metrics.depth_metric import DepthMetric
from mdetools.evaluation.metrics.ordinal_metric import OrdinalMetric, closer_first
from mdetools.evaluation.metrics.segmentation_metric import SegmentationMetric, mean_scores

__all__ = [
    "ClassificationMetric",
    "DepthMetric",
    "OrdinalMetric",
    "SegmentationMetric",
    "class_ranks",
    "closer_first",
    "mean_scores",
]
