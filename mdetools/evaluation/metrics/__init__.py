"""The metrics that MMEngine's loops call."""

from mdetools.evaluation.metrics.depth_metric import DepthMetric
from mdetools.evaluation.metrics.ordinal_metric import OrdinalMetric, closer_first

__all__ = ["DepthMetric", "OrdinalMetric", "closer_first"]
