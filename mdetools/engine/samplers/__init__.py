"""Samplers: which samples an epoch visits, in which order, on which rank."""

from mdetools.engine.samplers.epoch_sampler import EpochSampler

__all__ = ["EpochSampler"]
