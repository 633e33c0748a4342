"""Using trained models from Python."""

from mdetools.apis.inferencer import DepthInferencer

__all__ = ["DepthInferencer"]
