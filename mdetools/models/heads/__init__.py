"""Heads: feature maps -> prediction."""

from mdetools.models.heads.dpt_head import DPTHead
from mdetools.models.heads.outputs import ReluInverseDepth, SigmoidDepth, SoftplusDepth

__all__ = ["DPTHead", "ReluInverseDepth", "SigmoidDepth", "SoftplusDepth"]
