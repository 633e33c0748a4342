# python tools/train.py configs/downstream/classification_depth.py --data-root data/classes
#
# classification_rgbd.py without the image: what can be told from the depth alone.
# Expect: not measured here; classification_depth_small.py is, see docs/downstream.md.

_base_ = ["./classification_rgbd.py"]

model = dict(backbone=dict(channels=("depth",)))
