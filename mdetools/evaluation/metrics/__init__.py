"""The metrics that MMEngine's loops call."""

from mdetools.evaluation.metrics.classification_metric import ClassificationMetric, class_ranks, confusion_matrix
from mdetools.evaluation.metrics.depth_metric import DepthMetric
from mdetools.evaluation.metrics.ordinal_metric import OrdinalMetric, closer_first

__all__ = ["ClassificationMetric", "DepthMetric", "OrdinalMetric", "class_ranks", "closer_first", "confusion_matrix"]
