"""Pure functions of one image."""

from mdetools.evaluation.functional.crops import CROPS, crop_box
from mdetools.evaluation.functional.depth_errors import (
    DEPTH_ERRORS,
    SILOG_DEFINITIONS,
    SilogDefinition,
    depth_errors,
    scale_invariant_log_error,
)

__all__ = [
    "CROPS",
    "DEPTH_ERRORS",
    "SILOG_DEFINITIONS",
    "SilogDefinition",
    "crop_box",
    "depth_errors",
    "scale_invariant_log_error",
]
