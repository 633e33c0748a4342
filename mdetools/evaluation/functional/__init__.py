"""Pure functions of one image."""

from mdetools.evaluation.functional.crops import CROPS, crop_box
from mdetools.evaluation.functional.depth_errors import (
    METRIC_NAMES,
    SILOG_DEFINITIONS,
    SILOG_FORMULAS,
    depth_metrics,
    scale_invariant_log_error,
)

__all__ = [
    "CROPS",
    "METRIC_NAMES",
    "SILOG_DEFINITIONS",
    "SILOG_FORMULAS",
    "crop_box",
    "depth_metrics",
    "scale_invariant_log_error",
]
