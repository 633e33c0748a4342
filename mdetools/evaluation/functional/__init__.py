"""Pure functions of one image."""

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
    "depth_errors",
    "scale_invariant_log_error",
]
