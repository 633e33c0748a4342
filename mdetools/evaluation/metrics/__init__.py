"""The metrics that MMEngine's loops call."""

from mdetools.evaluation.metrics.depth_metric import DepthMetric

__all__ = ["DepthMetric"]
