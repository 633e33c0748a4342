#!/usr/bin/env bash
# tools/dist_train.sh CONFIG GPUS [ARGS of tools/train.py]
# Several machines: NNODES, NODE_RANK, MASTER_ADDR, PORT. Without a GPU, GPUS processes run on the CPU (gloo).
# --max-restarts N: after a failure the processes start again, a training from its newest checkpoint.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2s/^# /error: usage: /p' "$0" >&2; exit 2; }
config=$1 gpus=$2
shift 2
exec python -m mdetools.engine.process.launcher "$gpus" "$(dirname "$0")/train.py" "$config" "$@"
