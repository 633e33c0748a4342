"""Batch steps: what is done to a batch on the device, between the loader and the model."""

from mdetools.models.batch_steps.cut_mix import CutMix
from mdetools.models.batch_steps.depth_channel import DepthChannel
from mdetools.models.batch_steps.frozen_features import FrozenFeatures
from mdetools.models.batch_steps.mixup import Mixup
from mdetools.models.batch_steps.pseudo_labels import PseudoLabels

__all__ = ["CutMix", "DepthChannel", "FrozenFeatures", "Mixup", "PseudoLabels"]
