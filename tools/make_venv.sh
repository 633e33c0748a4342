#!/usr/bin/env bash
# Makes .venv if it is not there, and installs mdetools into it: tools/make_venv.sh [EXTRA]
# What quickstart.sh and test.sh share. PYTHON names another interpreter than python3.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    echo "error: '$python' is $("$python" --version 2>&1 || true); mdetools needs Python >= 3.10: set PYTHON" >&2
    exit 2
fi
[ -x .venv/bin/python ] || "$python" -m venv .venv
echo "installing mdetools and what it needs into .venv (PyTorch is large: minutes, the first time)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".${1:+[$1]}"
# MMEngine imports yapf, which writes a cache at its first import, and not atomically: two processes at once would read
# it half written.
.venv/bin/python -c "import yapf"
