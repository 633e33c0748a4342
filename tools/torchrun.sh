#!/usr/bin/env bash
# Runs tools/SCRIPT CONFIG [ARGS] in GPUS processes on each machine: torchrun.sh SCRIPT CONFIG GPUS [ARGS]
# What dist_train.sh and dist_test.sh share.
set -euo pipefail
if [ $# -lt 3 ] || ! [[ $3 =~ ^[1-9][0-9]*$ ]]; then
    echo "error: usage: CONFIG GPUS [ARGS], GPUS a number of processes; got: ${*:2}" >&2
    exit 2
fi
tools=$(cd "$(dirname "$0")" && pwd)
script=$1 config=$2 gpus=$3
shift 3
# One thread a process by default is torchrun's choice too; CPU training wants the cores shared out instead.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$(( ($(nproc) + gpus - 1) / gpus ))}
export MKL_NUM_THREADS=${MKL_NUM_THREADS:-$OMP_NUM_THREADS}  # or MMEngine sets it to 1, with a warning
# MMEngine imports yapf, which writes a cache at its first import, and not atomically: one process goes first.
python -c "import yapf"
exec python -m torch.distributed.run \
    --nnodes "${NNODES:-1}" --node-rank "${NODE_RANK:-0}" \
    --master-addr "${MASTER_ADDR:-127.0.0.1}" --master-port "${PORT:-29500}" \
    --nproc-per-node "$gpus" "$tools/$script" "$config" "$@" --launcher pytorch
