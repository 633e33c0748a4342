"""Runs that have ended, compared: means over seeds, and differences to a baseline."""

from mdetools.apis.run_comparison.comparison import Versus, compare_runs
from mdetools.apis.run_comparison.run import Run, read_run
from mdetools.apis.run_comparison.tables import comparison_text
from mdetools.apis.run_comparison.variants import group_runs

__all__ = ["Run", "Versus", "compare_runs", "comparison_text", "group_runs", "read_run"]
