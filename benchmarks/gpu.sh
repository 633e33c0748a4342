#!/usr/bin/env bash
# Tests and measures mdetools on one CUDA GPU, without a network: bash benchmarks/gpu.sh --help
#
# PYTHON=python3       the interpreter, which has torch, timm, transformers, h5py, OpenCV, tensorboard, scipy and pytest
# WHEELS=folder        wheels of what it lacks; they are unpacked into a temporary folder and installed nowhere
# OUT=work_dirs/gpu    the folder of the results, if --out does not name one
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
export PYTHONPATH=$PWD:$PWD/tests${PYTHONPATH:+:$PYTHONPATH} NO_ALBUMENTATIONS_UPDATE=1 HF_HUB_OFFLINE=1

if [ -n "${WHEELS:-}" ]; then
    packages=$(mktemp -d)
    trap 'rm -rf "$packages"' EXIT
    "$PYTHON" -m pip install --quiet --no-index --no-deps --find-links "$WHEELS" --target "$packages" "$WHEELS"/*.whl
    export PYTHONPATH=$PYTHONPATH:$packages
fi
if ! "$PYTHON" -c "import torch, mmengine" 2>/dev/null; then
    echo "error: $PYTHON has no torch or no mmengine; set PYTHON to an interpreter that has, or WHEELS to a folder" >&2
    exit 2
fi
"$PYTHON" -m benchmarks.gpu "$@"
