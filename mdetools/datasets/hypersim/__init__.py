"""Hypersim."""

from mdetools.datasets.hypersim.hypersim_dataset import HypersimDataset

__all__ = ["HypersimDataset"]
