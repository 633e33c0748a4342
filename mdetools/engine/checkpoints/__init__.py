"""Writing checkpoints and going on from them."""

from mdetools.engine.checkpoints.files import last_checkpoint, point_to_last, write_checkpoint
from mdetools.engine.checkpoints.parts import load_parts, named_entries, states_of
from mdetools.engine.checkpoints.resuming import check_ranks_agree, check_resumable, restore, run_facts
from mdetools.engine.checkpoints.saving import save_run, save_weights

__all__ = [
    "check_ranks_agree",
    "check_resumable",
    "last_checkpoint",
    "load_parts",
    "named_entries",
    "point_to_last",
    "restore",
    "run_facts",
    "save_run",
    "save_weights",
    "states_of",
    "write_checkpoint",
]
