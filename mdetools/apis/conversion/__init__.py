"""Checkpoints in the formats of others, and back."""

from mdetools.apis.conversion.converting import FORMATS, Outcome, convert

__all__ = ["FORMATS", "Outcome", "convert"]
