#!/usr/bin/env bash
# From nothing to a trained depth model in one command: bash tools/quickstart.sh
# Makes .venv, ray-casts a small data set of rooms, trains, tests against the constant predictor, draws predictions.
set -euo pipefail
cd "$(dirname "$0")/.."
config=configs/tiny/nyu_quickstart.py
data=data/nyu_quickstart
run=work_dirs/quickstart

tools/make_venv.sh
echo "== 1. data: furnished rooms with exact depth, in $data"
.venv/bin/python tools/make_synthetic.py nyu "$data" --train 2000 --val 100
echo "== 2. training"
rm -rf "$run"
.venv/bin/python tools/train.py "$config" --work-dir "$run"
echo "== 3. test"
.venv/bin/python tools/test.py "$config" "$run/best_abs_rel.pth" --work-dir "$run" --baseline --show-dir "$run/pictures"
echo "== 4. a picture of predictions: $run/pictures/overview.png"
echo "watch the run: .venv/bin/tensorboard --logdir $run"
