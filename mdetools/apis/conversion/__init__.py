"""Checkpoints in the formats of others, and back."""

from mdetools.apis.conversion.converting import FORMATS, Outcome, check_place, convert, result_files

__all__ = ["FORMATS", "Outcome", "check_place", "convert", "result_files"]
