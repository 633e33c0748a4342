"""Batch steps: what is done to a batch on the device, between the loader and the model."""

from mdetools.models.batch_steps.cut_mix import CutMix

__all__ = ["CutMix"]
