"""Kills a tiny training again and again: python benchmarks/kill.py 100 --processes 1 --signal KILL --out kill.json

Each chain of runs is killed at random moments, some of them inside the writing of a checkpoint or inside a validation,
and goes on with --resume until it ends. What must hold: the last checkpoint has the bits of a run that was never
killed, no process is left after a kill, no temporary file at the end of a chain. With `--signal TERM` each run exits
with 143, and the next begins at the iteration after the last one that was finished. Linux only.
"""

import argparse
import ctypes
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import torch  # noqa: E402  # after the paths
from support.commands import load_tool  # noqa: E402
from support.moments import read_moments  # noqa: E402
from support.tiny_training import IMPORTED_LATER, tiny_config, write_nyu_frames  # noqa: E402

from mdetools.engine.process import launcher  # noqa: E402
from mdetools.engine.process.cli import run_cli  # noqa: E402

EPOCHS, FRAMES, KILLS_PER_CHAIN = 3, 24, 6
WAIT = 120  # seconds for one run
ORPHANS = 15  # seconds within which all processes of a killed run must be gone
KINDS = {"step": 5, "writing": 3, "validation": 3, "start": 1}  # how often each moment is aimed at
PR_SET_CHILD_SUBREAPER = 36


class Killed:
    """One run, in processes of its own, and what became of it."""

    def __init__(self, config: Path, folder: Path, processes: int, resume: bool, options: list[str]) -> None:
        self.moments = folder / "moments"
        self.moments.unlink(missing_ok=True)
        arguments = ["--work-dir", str(folder / "run"), *(["--resume"] if resume else [])]
        arguments += ["--cfg-options", f"custom_hooks.moments.file={self.moments}", *options]
        if processes > 1:
            script = str(ROOT / "tools" / "train.py")
            command = [str(processes), script, str(config), *arguments]
            self.pid = fork(folder / "log", launcher, command)
        else:
            self.pid = fork(folder / "log", load_tool("train"), [str(config), *arguments])
        self.status: int | None = None

    def ended(self) -> bool:
        """Whether it has ended; reaps it."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status is not None

    def wait(self, condition) -> bool:
        """Waits until `condition()` holds; False if the run has ended before."""
        deadline = time.monotonic() + WAIT
        while not condition():
            if self.ended():
                return False
            assert time.monotonic() < deadline, f"a run did nothing for {WAIT} s; see {self.moments.parent / 'log'}"
            time.sleep(0.002)
        return True

    def reached(self, kind: str, iteration: int) -> bool:
        """Whether a moment of a kind has come, at `iteration` or later."""
        return any(name == kind and number >= iteration for name, number in read_moments(self.moments))


def fork(log: Path, module, arguments: list[str]) -> int:
    """Starts a tool, which has all its imports already; returns its process id."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.argv = ["tool", *arguments]
        try:
            run_cli(module.main, module.parse_args())
        except SystemExit as end:
            sys.stdout.flush()
            os._exit(end.code or 0)
        finally:
            os._exit(1)
    return pid


def children(pid: int | str = "self") -> list[int]:
    """Ids of the child processes of a process."""
    try:
        return [int(one) for file in Path(f"/proc/{pid}/task").glob("*/children") for one in file.read_text().split()]
    except OSError:
        return []


def seconds_until_alone() -> float:
    """Reaps what a killed run leaves behind, which is handed to this process; returns how long it lived."""
    start = time.monotonic()
    while left := children():
        for pid in left:
            os.waitpid(pid, os.WNOHANG)
        assert time.monotonic() - start < ORPHANS, f"processes {left} live on after {ORPHANS} s"
        time.sleep(0.005)
    return time.monotonic() - start


def strike(run: Killed, signum: int, processes: int, rng: random.Random) -> str:
    """Sends the signal to the run, or in several processes to one of them or to their launcher; returns to whom."""
    ranks = children(run.pid) if processes > 1 else []
    targets = {"process": run.pid}
    if signum == signal.SIGTERM and ranks:
        targets = {"launcher": run.pid, "everybody": 0}
    elif ranks:
        targets = {"launcher": run.pid, "group": -run.pid} | {f"rank {i}": pid for i, pid in enumerate(ranks)}
    name = rng.choice(list(targets))
    for pid in [run.pid, *ranks] if name == "everybody" else [targets[name]]:
        os.kill(pid, signum)
    return name


def kill_once(run: Killed, signum: int, processes: int, rng: random.Random) -> dict | None:
    """Kills a run at a random moment; None if it ended before."""
    begun = run.wait(lambda: run.reached("begin", 0)) if signum == signal.SIGTERM else True
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0] if signum == signal.SIGKILL else "step"
    if signum == signal.SIGTERM:
        kind = rng.choice(["step", "step", "validation"])
    total = EPOCHS * FRAMES // (2 * processes)
    if kind != "start" and begun:
        begun = run.wait(lambda: run.reached("begin", 0))
        first = next((number for name, number in read_moments(run.moments) if name == "begin"), 0)
        target = rng.randint(min(first + 1, total), min(first + total // 2, total))
        begun = begun and run.wait(lambda: run.reached(kind, target))
    if not begun:
        return None
    time.sleep(rng.uniform(0, {"writing": 0.01, "start": 3.0}.get(kind, 0.1)))
    if run.ended():
        return None
    temporary = [path.name for path in (run.moments.parent / "run").glob(".*.tmp")]
    struck = time.monotonic()
    target = strike(run, signum, processes, rng)
    run.wait(lambda: False)
    left = seconds_until_alone()
    moments = read_moments(run.moments)
    return {
        "aim": kind,
        "target": target,
        "last": " ".join(map(str, moments[-1])) if moments else "before the start",
        "finished": max((number for name, number in moments if name in ("begin", "step")), default=None),
        "temporary": temporary,
        "code": run.status,
        "end_s": round(time.monotonic() - struck, 2),
        "left_s": round(left, 2),
    }


def same(left, right) -> bool:
    """Whether two checkpoints have the same bits."""
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return torch.equal(left, right) if torch.is_tensor(left) else left == right


def last_checkpoint(folder: Path) -> dict:
    """What the last checkpoint of a run holds, but for the text of its config."""
    checkpoint = torch.load(folder / "run" / f"epoch_{EPOCHS}.pth", weights_only=True)
    checkpoint["meta"].pop("cfg")
    return checkpoint


def run_chain(config: Path, folder: Path, args: argparse.Namespace, kills: int, rng: random.Random) -> list[dict]:
    """Kills and resumes until `kills` are done or the training ends; then lets it end. Returns a row per kill."""
    signum = getattr(signal, f"SIG{args.signal}")
    folder.mkdir()
    rows, pids, finished = [], [], None
    while True:
        options = [f"train_dataloader.num_workers={rng.choice([0, 1])}"]
        run = Killed(config, folder, args.processes, bool(rows), options)
        pids.append(run.pid)
        start = time.monotonic()
        row = kill_once(run, signum, args.processes, rng) if len(rows) < kills else None
        if row is None:
            run.wait(lambda: False)
        begun = [number for name, number in read_moments(run.moments) if name == "begin"]
        if signum == signal.SIGTERM and finished is not None:
            assert begun == [finished], f"stopped after iteration {finished}, went on at {begun}: see {folder / 'log'}"
        if row is None:
            break
        row["seconds"] = round(time.monotonic() - start, 2)
        if signum == signal.SIGTERM:
            assert row["code"] == 143 or (row["code"] == 0 and row["last"].startswith("end")), (row, folder / "log")
        finished = row["finished"]
        rows.append(row)
        print(json.dumps(row), flush=True)
    assert run.status == 0, f"a resumed run ended with {run.status}: see {folder / 'log'}"
    seconds_until_alone()
    stray = [path.name for path in (folder / "run").glob(".*")]
    stray += [path.name for pid in pids for path in Path(tempfile.gettempdir()).glob(f"{launcher.TEMPORARY}{pid}_*")]
    assert not stray, f"temporary files are left: {stray}"
    return rows


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kills", type=int, help="number of kills")
    parser.add_argument("--processes", type=int, default=1, help="ranks of each run")
    parser.add_argument("--signal", choices=["KILL", "TERM"], default="KILL")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, metavar="F", help="JSON file with a row per kill")
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    rng = random.Random(args.seed)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    for name in IMPORTED_LATER:
        __import__(name)
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)
    start, rows, chains = time.monotonic(), [], 0
    with tempfile.TemporaryDirectory(prefix="mdetools_kill_") as place:
        folder = Path(place)
        config = tiny_config(folder / "tiny.py", write_nyu_frames(folder / "data", train=FRAMES))
        with config.open("a") as file:
            file.write(f"""
custom_imports["imports"] += ["support.moments"]
train_cfg = dict(max_epochs={EPOCHS})
default_hooks.update(checkpoint=dict(interval_iters=2, max_keep=2), pictures=None)
visualizer = dict(vis_backends=[])
custom_hooks = dict(moments=dict(type="MomentsHook", file=""))
""")
        run_chain(config, folder / "whole", args, 0, rng)
        whole = last_checkpoint(folder / "whole")
        while len(rows) < args.kills:
            chain = folder / f"chain_{chains}"
            chains += 1
            rows += run_chain(config, chain, args, min(KILLS_PER_CHAIN, args.kills - len(rows)), rng)
            assert same(whole, last_checkpoint(chain)), f"chain {chains}: other bits than the run that was not killed"
            subprocess.run(["rm", "-r", chain], check=True)
    seconds = time.monotonic() - start
    counts = {kind: sum(row["last"].split()[0] == kind for row in rows) for kind in ("step", "writing", "validation")}
    summary = {
        "kills": len(rows), "signal": args.signal, "processes": args.processes, "chains": chains,
        "last_moment": counts, "inside_a_write": sum(bool(row["temporary"]) for row in rows),
        "longest_left_s": max((row["left_s"] for row in rows), default=0),
        "longest_end_s": max((row["end_s"] for row in rows), default=0),
        "seconds": round(seconds, 1), "seconds_per_kill": round(seconds / max(len(rows), 1), 1),
    }  # fmt: skip
    print(f"all chains ended with the same bits: {json.dumps(summary)}")
    if args.out:
        args.out.write_text(json.dumps({"summary": summary, "kills": rows}, indent=1))


if __name__ == "__main__":
    main(parse_args())
