#!/usr/bin/env bash
# PARTITION JOB CONFIG [ARGS of tools/train.py]: trains under Slurm.
# GPUS (8), GPUS_PER_NODE (8), CPUS_PER_TASK (5) and SRUN_ARGS come from the environment.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
partition=$1 job=$2 config=$3
shift 3
gpus=${GPUS:-8}
per_node=${GPUS_PER_NODE:-8}
[ "$gpus" -lt "$per_node" ] && per_node=$gpus
cpus=${CPUS_PER_TASK:-5}
export MASTER_PORT=${PORT:-29500}
# Each process uses the cores that Slurm gives it; MMEngine would set both to 1, with a warning.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$cpus}
export MKL_NUM_THREADS=${MKL_NUM_THREADS:-$OMP_NUM_THREADS}
# shellcheck disable=SC2086  # SRUN_ARGS holds several words
exec srun -p "$partition" --job-name "$job" --gres "gpu:$per_node" --ntasks "$gpus" --ntasks-per-node "$per_node" \
    --cpus-per-task "$cpus" --kill-on-bad-exit=1 ${SRUN_ARGS:-} \
    python -u "$(dirname "$0")/train.py" "$config" "$@" --launcher slurm
