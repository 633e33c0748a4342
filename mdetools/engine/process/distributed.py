"""Joining and leaving the process group, on GPUs and on machines without one."""

import os

import torch
from mmengine.dist import init_dist, is_distributed
from torch import distributed, nn

from mdetools.errors import UserError, one_line

__all__ = ["choose_launcher", "leave_process_group", "share_buffers", "start_process_group"]

# The variables in which each launcher passes rank, local rank and world size.
LAUNCHER_VARIABLES = {
    "pytorch": ("RANK", "LOCAL_RANK", "WORLD_SIZE"),
    "slurm": ("SLURM_PROCID", "SLURM_LOCALID", "SLURM_NTASKS"),
    "mpi": ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_SIZE"),
}


def choose_launcher(given: str | None) -> str:
    """Who started this process: `given`, or where that is None torchrun if its variables are there, else nobody.

    Raises:
        UserError: if it is to be nobody's, and is one of several that torchrun started.
    """
    started = all(variable in os.environ for variable in LAUNCHER_VARIABLES["pytorch"])
    if given is None:
        return "pytorch" if started else "none"
    if given == "none" and started and os.environ["WORLD_SIZE"] not in ("", "1"):
        raise UserError(
            f"--launcher none in one of {os.environ['WORLD_SIZE']} processes that torchrun started, each of which "
            "would train alone in the same work dir; leave --launcher out"
        )
    return given


def start_process_group(launcher: str) -> None:
    """Joins the process group of `launcher` ("none", "pytorch", "slurm" or "mpi").

    With GPUs this is MMEngine's own start on NCCL. Without, MMEngine would fail in `cuda.set_device` for every
    launcher, so the gloo group is started here, before the Runner finds it running.

    Raises:
        UserError: if this process was not started by `launcher`, or the processes cannot meet.
    """
    if launcher == "none" or is_distributed():
        return
    missing = [variable for variable in LAUNCHER_VARIABLES[launcher] if variable not in os.environ]
    if missing:
        raise UserError(
            f"launcher '{launcher}' has not set {', '.join(missing)}; start with torchrun, srun or mpirun "
            "(tools/dist_train.sh and tools/slurm_train.sh do), or leave --launcher out"
        )
    try:
        _join(launcher)
    except (distributed.DistNetworkError, distributed.DistStoreError) as error:
        raise UserError(
            f"the processes cannot meet ({one_line(error, 200)}); set PORT to a free one (MASTER_PORT without "
            "tools/*.sh), and with several machines MASTER_ADDR to the first one's address"
        ) from error


def _join(launcher: str) -> None:
    if torch.cuda.is_available():
        init_dist(launcher)
        return
    for name, variable in zip(("RANK", "LOCAL_RANK", "WORLD_SIZE"), LAUNCHER_VARIABLES[launcher], strict=True):
        os.environ[name] = os.environ[variable]
    os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
    os.environ.setdefault("MASTER_PORT", "29500")
    distributed.init_process_group("gloo")


def leave_process_group() -> None:
    """Leaves the process group if there is one, as NCCL wants it at the end of a run.

    For runs that succeeded: after a failure other processes may still wait for this one, and the launcher ends them.
    """
    if is_distributed():
        distributed.destroy_process_group()


def share_buffers(model: nn.Module) -> None:
    """Gives every process the buffers of the first one, such as a batch norm's running means.

    The wrapper for training does not synchronize them, so each process has those of its own batches. Checkpoints hold
    those of the first, so these are the ones that validation has to score.
    """
    if is_distributed():
        for buffer in model.buffers():
            distributed.broadcast(buffer, src=0)
