"""Optimisation: mixed precision, parameter groups, schedules."""

from mdetools.engine.optim.amp import AmpOptimWrapper
from mdetools.engine.optim.param_groups import EncoderDecoderConstructor, encoder_decoder_groups
from mdetools.engine.optim.schedules import InversePowerLR, PolynomialLR, WarmupCosineLR

__all__ = [
    "AmpOptimWrapper",
    "EncoderDecoderConstructor",
    "InversePowerLR",
    "PolynomialLR",
    "WarmupCosineLR",
    "encoder_decoder_groups",
]
