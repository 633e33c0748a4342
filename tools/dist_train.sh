#!/usr/bin/env bash
# tools/dist_train.sh CONFIG GPUS [ARGS of tools/train.py]
# Several machines: NNODES, NODE_RANK, MASTER_ADDR, PORT. Without a GPU, GPUS processes run on the CPU (gloo).
set -euo pipefail
exec "$(dirname "$0")/torchrun.sh" train.py "$@"
