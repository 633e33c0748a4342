# python tools/train.py configs/downstream/classification_exact_small.py --data-root data/shapes
#
# classification_rgbd_small.py with the exact depth that is written beside the pictures: what a perfect depth network
# would give. It has no network, so that it predicts with such depth alone.
# Expect: docs/downstream.md.

_base_ = ["./classification_rgbd_small.py"]

model = dict(backbone=dict(depth=None))

_depth = dict(depth="depth", depth_kind="depth")
train_dataloader = dict(dataset=_depth)
val_dataloader = dict(dataset=_depth)
test_dataloader = val_dataloader
