"""Using trained models from Python."""

from mdetools.apis.inference import Result
from mdetools.apis.inferencer import DepthInferencer
from mdetools.apis.published import load

__all__ = ["DepthInferencer", "Result", "load"]
