"""A page in the browser that shows what a model of depth predicts of a visitor's picture or video."""

from mdetools.apis.demo.serving import Example, serve

__all__ = ["Example", "serve"]
