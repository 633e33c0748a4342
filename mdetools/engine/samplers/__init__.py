"""Samplers: which samples an epoch visits, in which order, on which rank."""

from mdetools.engine.samplers.epoch_sampler import EpochSampler
from mdetools.engine.samplers.ratio_sampler import RatioSampler

__all__ = ["EpochSampler", "RatioSampler"]
