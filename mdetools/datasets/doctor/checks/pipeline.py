"""Frames that do not go through the pipeline, or make no batch."""

from mdetools.datasets.doctor.finding import Finding
from mdetools.datasets.doctor.pipeline_fit import pipeline_problems
from mdetools.datasets.doctor.split import Split

__all__ = ["check"]


def check(split: Split) -> list[Finding]:
    """A line for each image size that does not fit."""
    return [Finding("pipeline", "error", line) for line in pipeline_problems(split.fits, split.batch_size)]
