"""Evaluation: a protocol (which pixels, how aligned), measures (which columns), and rows (one per image)."""

from mdetools.evaluation.baseline import constant_metrics, median_depth
from mdetools.evaluation.functional import METRIC_NAMES, depth_metrics
from mdetools.evaluation.measures import MEASURES, Measure, direction_of
from mdetools.evaluation.metrics import DepthMetric
from mdetools.evaluation.protocols import PROTOCOLS, Protocol, get_protocol
from mdetools.evaluation.rows import Rows, format_table, write_results
from mdetools.evaluation.scoring import evaluate_image, scored_depth

__all__ = [
    "MEASURES",
    "METRIC_NAMES",
    "PROTOCOLS",
    "DepthMetric",
    "Measure",
    "Protocol",
    "Rows",
    "constant_metrics",
    "depth_metrics",
    "direction_of",
    "evaluate_image",
    "format_table",
    "get_protocol",
    "median_depth",
    "scored_depth",
    "write_results",
]
