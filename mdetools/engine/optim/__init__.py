"""Optimisation: steps and what may refuse them, mixed precision, parameter groups, schedules."""

from mdetools.engine.optim.amp import AmpOptimWrapper
from mdetools.engine.optim.param_groups import EncoderDecoderConstructor, encoder_decoder_groups
from mdetools.engine.optim.schedules import InversePowerLR, PolynomialLR, WarmupCosineLR
from mdetools.engine.optim.step_guard import StepGuard
from mdetools.engine.optim.wrapper import OptimWrapper

__all__ = [
    "AmpOptimWrapper",
    "EncoderDecoderConstructor",
    "InversePowerLR",
    "OptimWrapper",
    "PolynomialLR",
    "StepGuard",
    "WarmupCosineLR",
    "encoder_decoder_groups",
]
