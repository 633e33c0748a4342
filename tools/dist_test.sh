#!/usr/bin/env bash
# tools/dist_test.sh CONFIG CKPT GPUS [ARGS of tools/test.py]
# Several machines: NNODES, NODE_RANK, MASTER_ADDR, PORT. Without a GPU, GPUS processes run on the CPU (gloo).
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2s/^# /error: usage: /p' "$0" >&2; exit 2; }
config=$1 checkpoint=$2 gpus=$3
shift 3
exec python -m mdetools.engine.process.launcher "$gpus" "$(dirname "$0")/test.py" "$config" "$checkpoint" "$@"
