"""Models and their parts."""

from mdetools.models.data_preprocessor import IMAGENET_MEAN, IMAGENET_STD, DepthDataPreprocessor
from mdetools.models.estimator import DepthEstimator, resize_prediction

__all__ = ["IMAGENET_MEAN", "IMAGENET_STD", "DepthDataPreprocessor", "DepthEstimator", "resize_prediction"]
