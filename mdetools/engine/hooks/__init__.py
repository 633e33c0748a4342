"""Hooks: what happens around the steps of a run."""

from mdetools.engine.hooks.checkpoint_hook import CheckpointHook
from mdetools.engine.hooks.coarse_to_fine_hook import CoarseToFineHook
from mdetools.engine.hooks.compile_hook import ChannelsLastHook, CompileHook
from mdetools.engine.hooks.ema_hook import EMAHook
from mdetools.engine.hooks.logger_hook import LoggerHook
from mdetools.engine.hooks.nonfinite_hook import NonFiniteHook
from mdetools.engine.hooks.panel_hook import PanelHook, SavePanelsHook
from mdetools.engine.hooks.progress_hook import ProgressHook
from mdetools.engine.hooks.stats_hook import TrainingStatsHook

__all__ = [
    "ChannelsLastHook",
    "CheckpointHook",
    "CoarseToFineHook",
    "CompileHook",
    "EMAHook",
    "LoggerHook",
    "NonFiniteHook",
    "PanelHook",
    "ProgressHook",
    "SavePanelsHook",
    "TrainingStatsHook",
]
