#!/usr/bin/env bash
# Runs tools/SCRIPT CONFIG [ARGS] in GPUS processes on each machine: torchrun.sh SCRIPT CONFIG GPUS [ARGS]
# What dist_train.sh and dist_test.sh share. A user's mistake is one line and exit code 2, as in one process.
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

notes=$(mktemp -d)
trap 'rm -rf "$notes"' EXIT
export MDETOOLS_TOLD=$notes/told  # a file in it for each mistake that a process has told
mkdir "$MDETOOLS_TOLD"
# torchrun's stderr goes into a file, for its report of a failure has nothing to add to a mistake. Its stdin is the
# stderr of this script, which the processes inherit and take for their own, so that a terminal stays a terminal.
python -m torch.distributed.run \
    --nnodes "${NNODES:-1}" --node-rank "${NODE_RANK:-0}" \
    --master-addr "${MASTER_ADDR:-127.0.0.1}" --master-port "${PORT:-29500}" \
    --nproc-per-node "$gpus" --no-python \
    bash -c 'exec python -u "$@" 2>&0 </dev/null' bash "$tools/$script" "$config" "$@" --launcher pytorch \
    <&2 2>"$notes/report" &
torchrun=$!
stopped=
trap 'stopped=130; kill "$torchrun" 2>/dev/null || true' INT
trap 'stopped=143; kill "$torchrun" 2>/dev/null || true' TERM
code=0
wait "$torchrun" || code=$?
while kill -0 "$torchrun" 2>/dev/null; do wait "$torchrun" || code=$?; done  # a signal ends the first wait early
[ "$code" -eq 0 ] && exit 0
[ -n "$stopped" ] && exit "$stopped"
[ -n "$(ls "$MDETOOLS_TOLD")" ] && exit 2
cat "$notes/report" >&2
exit "$code"
