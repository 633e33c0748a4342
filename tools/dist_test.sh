#!/usr/bin/env bash
# tools/dist_test.sh CONFIG CKPT GPUS [ARGS of tools/test.py]
# Several machines: NNODES, NODE_RANK, MASTER_ADDR, PORT. Without a GPU, GPUS processes run on the CPU (gloo).
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
config=$1 checkpoint=$2 gpus=$3
if ! [[ $gpus =~ ^[1-9][0-9]*$ ]]; then
    echo "error: GPUS is '$gpus', expected a number of processes; usage: tools/dist_test.sh CONFIG CKPT GPUS [ARGS]" >&2
    exit 2
fi
shift 3
exec "$(dirname "$0")/torchrun.sh" test.py "$config" "$gpus" "$checkpoint" "$@"
