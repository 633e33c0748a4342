"""Models and their parts."""

from mdetools.models.data_preprocessor import IMAGENET_MEAN, IMAGENET_STD, DataPreprocessor
from mdetools.models.estimator import Estimator
from mdetools.models.frozen_network import FrozenNetwork

__all__ = ["IMAGENET_MEAN", "IMAGENET_STD", "DataPreprocessor", "Estimator", "FrozenNetwork"]
