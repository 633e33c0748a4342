#!/usr/bin/env bash
# Installs what the tests need into .venv, and passes them: bash tools/test.sh [ARGS of pytest]
# First all that is quick, with coverage, then the tests marked `slow`.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/make_venv.sh test
.venv/bin/ruff check .
.venv/bin/ruff format --check .
# One thread per process: two test processes with all cores each are slower than one.
export OMP_NUM_THREADS=1
.venv/bin/python -m pytest --numprocesses 2 -m "not slow" --cov --cov-fail-under 95 "$@"
.venv/bin/python -m pytest --numprocesses 2 -m slow "$@" || [ $? -eq 5 ]  # 5: of these ARGS no test is slow
