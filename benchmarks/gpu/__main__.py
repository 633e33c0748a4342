"""Tests and measures mdetools on one CUDA GPU: bash benchmarks/gpu.sh

Without --only it runs tests, train and infer, within 5 minutes and 10 seconds. The part stereo, which trains
configs/garg/alexnet_kitti.py for as many of its epochs as 5 minutes give, runs by --only stereo alone.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.gpu.report import goals, markdown

# The module of each part, and its seconds, with those in which it starts.
PARTS = {"tests": ("checks", 150), "train": ("train", 95), "infer": ("infer", 65), "stereo": ("stereo", 300)}
GRACE = 3  # seconds in which a part that plans with its time may end by itself


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        prog="bash benchmarks/gpu.sh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=PARTS, help="run one part; stereo runs by this alone")
    default = os.environ.get("OUT") or "work_dirs/gpu"
    parser.add_argument("--out", type=Path, default=Path(default), help="folder of gpu.json and gpu.md (%(default)s)")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda", help="cpu: a dry run, with --tiny")
    parser.add_argument("--tiny", action="store_true", help="small images and batches: whether everything runs at all")
    parser.add_argument("--seconds", type=float, help="of each part, in place of its own")
    return parser.parse_args()


def run_part(name: str, args: argparse.Namespace) -> dict:
    """Runs a part in a process of its own, which is ended when its time is over; what it wrote."""
    module, seconds = PARTS[name]
    seconds = args.seconds or seconds
    path = args.out / f"{name}.json"
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", f"benchmarks.gpu.{module}", "--out", str(path), "--seconds", str(seconds - GRACE)]
    environment = os.environ | ({"CUDA_VISIBLE_DEVICES": ""} if args.device == "cpu" else {})
    print(f"== {name}, at most {seconds:g} s", flush=True)
    start = time.perf_counter()
    process = subprocess.Popen([*command, *["--tiny"] * args.tiny], env=environment, start_new_session=True)
    try:
        process.wait(seconds)
        reason = f"ended with exit code {process.returncode}" if process.returncode else None
    except subprocess.TimeoutExpired:
        reason = f"stopped after its {seconds:g} s; what was measured until then stands"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its loaders and trainings too
        process.wait()
    part = json.loads(path.read_text()) if path.exists() else {"rows": [], "failures": []}
    part["seconds"] = round(time.perf_counter() - start, 1)
    part["failures"] += [{"part": name, "reason": reason}] if reason else []
    return part


def cuda_is_there() -> bool:
    """Whether torch sees a GPU; asked in another process, so that this one never holds a part of it."""
    command = "import sys, torch; sys.exit(not torch.cuda.is_available())"
    return subprocess.run([sys.executable, "-c", command]).returncode == 0


def main() -> int:
    """Runs the parts, and writes JSON and Markdown after each."""
    args = parse_args()
    if args.device == "cuda" and not cuda_is_there():
        print("error: torch sees no CUDA GPU here; --device cpu --tiny is a dry run without one", file=sys.stderr)
        return 2
    args.out = args.out.resolve()
    args.out.mkdir(parents=True, exist_ok=True)
    results = {"device": "?", "versions": {}, "dry_run": args.tiny, "parts": {}}
    for name in [args.only] if args.only else [name for name in PARTS if name != "stereo"]:
        part = results["parts"][name] = run_part(name, args)
        results.update({key: part.pop(key) for key in ("device", "versions") if key in part})
        (args.out / "gpu.json").write_text(json.dumps(results, indent=1) + "\n")
        (args.out / "gpu.md").write_text(markdown(results))
    for title, value, reached in goals(results["parts"]):
        print(title, "-> not measured" if reached is None else f"-> {value:.3g}, {'reached' if reached else 'missed'}")
    print(f"{args.out}/gpu.json and gpu.md")
    failed = any(row.get("failed") for row in results["parts"].get("tests", {}).get("rows", []))
    return int(failed or any(part["failures"] for part in results["parts"].values()))


if __name__ == "__main__":
    sys.exit(main())
