"""Wrappers of a model for training in several processes, besides MMEngine's own for replicas."""

from mdetools.engine.wrappers.fully_sharded import FullyShardedModel

__all__ = ["FullyShardedModel"]
