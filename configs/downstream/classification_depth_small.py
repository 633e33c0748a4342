# python tools/train.py configs/downstream/classification_depth_small.py --data-root data/shapes
#
# classification_rgbd_small.py without the image: mdetools-tiny's depth alone.
# Expect: docs/downstream.md.

_base_ = ["./classification_rgbd_small.py"]

model = dict(backbone=dict(channels=("depth",)))
