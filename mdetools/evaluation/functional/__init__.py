"""Pure functions of one image."""

from mdetools.evaluation.functional.boundaries import boundary_f1_depth_pro, boundary_f1_moge
from mdetools.evaluation.functional.confusion import class_scores, confusion_counts
from mdetools.evaluation.functional.depth_errors import (
    DEPTH_ERRORS,
    SILOG_DEFINITIONS,
    SilogDefinition,
    depth_errors,
    scale_invariant_log_error,
)

__all__ = [
    "DEPTH_ERRORS",
    "SILOG_DEFINITIONS",
    "SilogDefinition",
    "boundary_f1_depth_pro",
    "boundary_f1_moge",
    "class_scores",
    "confusion_counts",
    "depth_errors",
    "scale_invariant_log_error",
]
