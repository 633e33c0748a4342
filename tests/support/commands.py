"""The tools as a user starts them: in a process of their own, or their `main` in this one."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from support.paths import ROOT

__all__ = ["load_tool", "run_command", "run_train"]


def run_command(
    *command,
    folder: Path = ROOT,
    imports: tuple[Path, ...] = (ROOT, ROOT / "tests"),
    seconds: float = 240,
    **environment: str,
) -> subprocess.CompletedProcess:
    """Runs a command to its end, with this interpreter as `python`, and this checkout to import from.

    Args:
        command: its words; anything that `str` takes.
        folder: where it runs.
        imports: the folders of PYTHONPATH, before those that it has.
        seconds: after which it is given up.
        environment: more variables, or others.
    """
    others = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    first = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join([*map(str, imports), *others]),
        "OMP_NUM_THREADS": "1",
    }
    words = [sys.executable if word == "python" else str(word) for word in command]
    return subprocess.run(
        words, cwd=folder, env={**os.environ, **first, **environment}, capture_output=True, text=True, timeout=seconds
    )


def run_train(*arguments) -> subprocess.CompletedProcess:
    """`python tools/train.py ARGUMENTS`."""
    return run_command("python", ROOT / "tools" / "train.py", *arguments)


def load_tool(name: str) -> ModuleType:
    """`tools/<name>.py` as a module of its own."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
