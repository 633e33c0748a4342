"""Heads: feature maps -> prediction."""

from mdetools.models.heads.calibrated_output import CalibratedOutput
from mdetools.models.heads.classification_head import ClassificationHead
from mdetools.models.heads.coarse_to_fine_head import CoarseToFineHead
from mdetools.models.heads.dpt_head import DPTHead
from mdetools.models.heads.outputs import (
    Logits,
    ReluInverseDepth,
    SigmoidDepth,
    SigmoidDisparity,
    SoftplusDepth,
    SoftplusInverseDepth,
)

__all__ = [
    "CalibratedOutput",
    "ClassificationHead",
    "CoarseToFineHead",
    "DPTHead",
    "Logits",
    "ReluInverseDepth",
    "SigmoidDepth",
    "SigmoidDisparity",
    "SoftplusDepth",
    "SoftplusInverseDepth",
]
