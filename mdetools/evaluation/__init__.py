"""Evaluation: a protocol (which pixels, how aligned), measures (which columns), and rows (one per image)."""

from mdetools.evaluation.alignments import ALIGNMENTS, Alignment
from mdetools.evaluation.baseline import constant_metrics, constant_rows, median_depth
from mdetools.evaluation.fitted_baselines import FITTED_BASELINES, fitted_baseline, fitted_rows
from mdetools.evaluation.functional import DEPTH_ERRORS, class_scores, confusion_counts, depth_errors
from mdetools.evaluation.functional import DEPTH_ERRORS as METRIC_NAMES  # its name in version 0.1
from mdetools.evaluation.functional import depth_errors as depth_metrics  # likewise
from mdetools.evaluation.intervals import PairedDifference, bootstrap_interval, paired_differences
from mdetools.evaluation.measures import ABSENT, MEASURE_FAMILIES, MEASURES, Measure, columns_of, get_measure
from mdetools.evaluation.metrics import (
    ClassificationMetric,
    DepthMetric,
    OrdinalMetric,
    SegmentationMetric,
    class_ranks,
    closer_first,
    mean_scores,
)
from mdetools.evaluation.protocols import PROTOCOLS, Protocol, Selection, get_protocol
from mdetools.evaluation.rows import Rows, format_means, format_table, write_results
from mdetools.evaluation.scoring import evaluate_image, scored_depth
from mdetools.evaluation.t_intervals import SeedMean, paired_t_test, t_interval

__all__ = [
    "ABSENT",
    "ALIGNMENTS",
    "Alignment",
    "MEASURES",
    "MEASURE_FAMILIES",
    "METRIC_NAMES",
    "DEPTH_ERRORS",
    "FITTED_BASELINES",
    "PROTOCOLS",
    "ClassificationMetric",
    "DepthMetric",
    "Measure",
    "OrdinalMetric",
    "PairedDifference",
    "Protocol",
    "Rows",
    "SeedMean",
    "SegmentationMetric",
    "Selection",
    "bootstrap_interval",
    "class_ranks",
    "class_scores",
    "closer_first",
    "columns_of",
    "confusion_counts",
    "constant_metrics",
    "constant_rows",
    "depth_errors",
    "depth_metrics",
    "evaluate_image",
    "fitted_baseline",
    "fitted_rows",
    "format_means",
    "format_table",
    "get_measure",
    "get_protocol",
    "mean_scores",
    "median_depth",
    "paired_differences",
    "paired_t_test",
    "scored_depth",
    "t_interval",
    "write_results",
]
