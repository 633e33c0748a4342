"""Depth errors, the protocols they are computed under, and the metric that MMEngine's loops call."""

from mdetools.evaluation.baseline import constant_metrics, median_depth
from mdetools.evaluation.functional.depth_errors import METRIC_NAMES, depth_metrics
from mdetools.evaluation.metrics.depth_metric import DepthMetric
from mdetools.evaluation.protocols import PROTOCOLS, Protocol, evaluate_image, get_protocol
from mdetools.evaluation.rows import format_table, mean_over_images, write_results

__all__ = [
    "METRIC_NAMES",
    "PROTOCOLS",
    "DepthMetric",
    "Protocol",
    "constant_metrics",
    "depth_metrics",
    "evaluate_image",
    "format_table",
    "get_protocol",
    "mean_over_images",
    "median_depth",
    "write_results",
]
