#!/usr/bin/env bash
# Installs what the tests need into .venv, and passes them: bash tools/test.sh [ARGS of pytest]
set -euo pipefail
cd "$(dirname "$0")/.."
tools/make_venv.sh test
.venv/bin/ruff check .
.venv/bin/ruff format --check .
# One thread a process: two test processes with all cores each are slower than one.
OMP_NUM_THREADS=1 .venv/bin/python -m pytest --numprocesses 2 --cov --cov-fail-under 90 "$@"
