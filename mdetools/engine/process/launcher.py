"""Starts a script of tools/ in several processes: python -m mdetools.engine.process.launcher GPUS SCRIPT [ARGS]

What tools/dist_train.sh and tools/dist_test.sh share. It is torchrun's own launch, with the end that one process has:
a user's mistake is one line and exit code 2, a crash one traceback, a killed rank one line.
"""

import argparse
import importlib.util
import logging
import os
import shutil
import signal
import sys
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path

from mdetools.engine.process.cli import run_cli
from mdetools.engine.process.failures import explain, root_cause
from mdetools.engine.process.parent_watch import LAUNCHER_PID, is_gone
from mdetools.engine.process.termination import Terminated
from mdetools.errors import UserError, one_line

__all__ = ["main", "parse_args", "rendezvous", "share_cores"]

ADVICE = {
    "--max-restarts": "give how often the processes may be started again after a failure",
    "GPUS": "usage: tools/dist_train.sh CONFIG GPUS [ARGS], tools/dist_test.sh CONFIG CKPT GPUS [ARGS]",
    "NNODES": "set it to the number of machines, or leave it out",
    "NODE_RANK": "set it to this machine's place in the row, from 0, or leave it out",
    "PORT": "set it to a free port of the first machine, or leave it out",
}
# Seconds that the ranks have after SIGTERM to finish a step and to write a checkpoint; whoever sent it may allow fewer.
GRACE = "300"
TEMPORARY = "mdetools_launcher_"  # and a process id: the folder of torch elastic's error files


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description="Run a script of tools/ in several processes. Environment: NNODES, NODE_RANK, MASTER_ADDR, PORT."
    )
    parser.add_argument("gpus", metavar="GPUS", help="number of processes on this machine")
    parser.add_argument("script", metavar="SCRIPT", help="a script with parse_args() and --launcher")
    parser.add_argument(
        "arguments", metavar="ARGS", nargs=argparse.REMAINDER, help="arguments of the script; --max-restarts N"
    )
    return parser.parse_args()


def main(args: argparse.Namespace) -> int:
    """Launches, waits, and tells why it failed if it did.

    Returns:
        exit code: 0, or see `failures.explain`; 128 + its number for a signal that ended the launcher.

    Raises:
        Terminated: if SIGTERM did; the ranks have had time to write a checkpoint.
    """
    gpus = number("GPUS", args.gpus, 1)
    meeting = rendezvous()
    meeting["max_restarts"], arguments = split_restarts(args.arguments)
    check_command_line(args.script, arguments)
    share_cores(gpus)
    with suppress(ImportError):
        import yapf  # noqa: F401  # MMEngine's; its first import writes a cache that two ranks would read half written
    from torch.distributed import DistError
    from torch.distributed.elastic.multiprocessing import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.elastic.rendezvous import RendezvousError

    try:
        launch(gpus, meeting, [args.script, *arguments, "--launcher", "pytorch"])
    except ChildFailedError as error:
        rank = root_cause(error.failures)
        text, code = explain(rank, error.failures[rank])
        print(text, file=sys.stderr)
        return code
    except SignalException as error:
        if error.sigval == signal.SIGINT:
            raise KeyboardInterrupt from None
        if error.sigval == signal.SIGTERM:
            raise Terminated from None
        print(f"ended by {signal.Signals(error.sigval).name}", file=sys.stderr)
        return 128 + error.sigval
    except (DistError, RendezvousError) as error:
        raise UserError(
            f"the processes cannot meet at {meeting['rdzv_endpoint']} ({one_line(error, 200)}); "
            "set PORT to a free one, and with several machines MASTER_ADDR to the first one's address"
        ) from error
    return 0


def launch(gpus: int, meeting: dict, command: list[str]) -> None:
    """Runs a Python script in `gpus` processes on this machine, by torch elastic, until all have ended.

    Raises:
        ChildFailedError: if a process failed. The error files are gone by then; what they said is in it.
    """
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs
    from torch.distributed.launcher import LaunchConfig, elastic_launch

    if "LOGLEVEL" not in os.environ:  # torch's own switch; a failure is told by `main` alone
        logger = logging.getLogger("torch.distributed.elastic")
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    os.environ[LAUNCHER_PID] = str(os.getpid())
    os.environ.setdefault("TORCH_ELASTIC_SHUTDOWN_TIMEOUT", GRACE)
    remove_folders_of_dead_launchers()
    with tempfile.TemporaryDirectory(prefix=f"{TEMPORARY}{os.getpid()}_") as folder:
        config = LaunchConfig(
            nproc_per_node=gpus,
            logs_specs=DefaultLogsSpecs(log_dir=folder),
            signals_to_handle=",".join(handled_signals()),
            **meeting,
        )
        elastic_launch(config, sys.executable)("-u", *command)


def remove_folders_of_dead_launchers() -> None:
    """Removes the folders of launchers that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{TEMPORARY}*_*"):
        pid = folder.name.removeprefix(TEMPORARY).split("_")[0]
        if pid.isdecimal() and is_gone(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays


def handled_signals() -> list[str]:
    """The signals that end the job, by name: not those which are ignored, as nohup has SIGHUP ignored."""
    names = [name for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT") if hasattr(signal, name)]
    return [name for name in names if signal.getsignal(getattr(signal, name)) != signal.SIG_IGN]


def split_restarts(arguments: list[str]) -> tuple[int, list[str]]:
    """Takes the launcher's own `--max-restarts N` out of a script's arguments.

    Raises:
        UserError: if N is no number.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--max-restarts", nargs="?", default="0", const="")
    own, others = parser.parse_known_args(arguments)
    return number("--max-restarts", own.max_restarts, 0), others


def number(name: str, text: str, least: int, most: float = float("inf")) -> int:
    """A whole number between `least` and `most` from the command line or the environment.

    Raises:
        UserError: if it is not one.
    """
    if text.isdecimal() and least <= int(text) <= most:
        return int(text)
    expected = f"from {least} to {most}" if most < float("inf") else f"of at least {least}"
    raise UserError(f"{name} is '{text}', expected a whole number {expected}; {ADVICE[name]}")


def rendezvous() -> dict:
    """Where the processes meet, as keywords of torch's `LaunchConfig`.

    On one machine at a free port, unless PORT names one; on several at MASTER_ADDR:PORT (29500).
    """
    nodes = number("NNODES", os.environ.get("NNODES") or "1", 1)
    rank = number("NODE_RANK", os.environ.get("NODE_RANK") or "0", 0)
    if rank >= nodes:
        raise UserError(f"NODE_RANK is {rank}, expected less than NNODES, {nodes}; count the machines from 0")
    run = {"min_nodes": nodes, "max_nodes": nodes}
    port = os.environ.get("PORT")
    if nodes == 1 and not port:
        return run | {
            "rdzv_backend": "c10d",
            "rdzv_endpoint": "localhost:0",
            "local_addr": "127.0.0.1",
            "run_id": str(uuid.uuid4()),
        }
    address = os.environ.get("MASTER_ADDR") or "127.0.0.1"
    endpoint = f"{address}:{number('PORT', port or '29500', 1, 65535)}"
    return run | {
        "rdzv_backend": "static",
        "rdzv_endpoint": endpoint,
        "rdzv_configs": {"rank": rank},
        "run_id": "none",
    }


def check_command_line(script: str, arguments: list[str]) -> None:
    """Lets the script parse its arguments once, so that a wrong one is not told by every process.

    Raises:
        SystemExit: after the script's usage or help was printed.
        UserError: if there is no such script.
    """
    if not Path(script).is_file():
        raise UserError(f"no script '{script}', expected one of tools/; check the path")
    spec = importlib.util.spec_from_file_location("launched_script", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.argv = [script, *arguments]
    module.parse_args()


def share_cores(processes: int) -> None:
    """Shares the cores out between the processes, unless OMP_NUM_THREADS says otherwise; torchrun gives each one.

    MKL_NUM_THREADS follows, since MMEngine would set it to 1, with a warning.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = os.environ.get("OMP_NUM_THREADS") or str(-(-cores // processes))
    os.environ["OMP_NUM_THREADS"] = threads
    os.environ["MKL_NUM_THREADS"] = os.environ.get("MKL_NUM_THREADS") or threads


if __name__ == "__main__":
    run_cli(main, parse_args())
