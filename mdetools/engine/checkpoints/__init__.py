"""Writing checkpoints and going on from them."""

from mdetools.engine.checkpoints.choosing import candidates, newest_whole, read_named
from mdetools.engine.checkpoints.contents import check_contents
from mdetools.engine.checkpoints.differences import differences
from mdetools.engine.checkpoints.files import (
    checkpoints_in,
    last_checkpoint,
    point_to_last,
    write_checkpoint,
)
from mdetools.engine.checkpoints.parts import load_parts, named_entries, states_of
from mdetools.engine.checkpoints.resuming import check_ranks_agree, check_resumable, restore, run_facts
from mdetools.engine.checkpoints.saving import save_run, save_weights

__all__ = [
    "candidates",
    "check_contents",
    "check_ranks_agree",
    "check_resumable",
    "checkpoints_in",
    "differences",
    "last_checkpoint",
    "load_parts",
    "named_entries",
    "newest_whole",
    "point_to_last",
    "read_named",
    "restore",
    "run_facts",
    "save_run",
    "save_weights",
    "states_of",
    "write_checkpoint",
]
