# python tools/train.py configs/downstream/classification_rgbd_small.py --data-root data/shapes
#
# classification_rgb_small.py with depth as a fourth channel, as mdetools-tiny predicts it. The training reads it,
# written once by
#   for split in train val; do
#       python tools/pseudo_label.py relative/tiny mdetools/pretrained/mdetools-tiny.safetensors data/shapes/$split \
#           data/shapes/predicted/$split --no-flip
#   done
# Whoever predicts with the trained model needs images alone: the network is in it.
# Expect: docs/downstream.md.

_base_ = ["./classification_rgb_small.py"]

model = dict(
    data_preprocessor=dict(steps=dict(depth=dict(type="DepthChannel"))),
    backbone=dict(
        _delete_=True,
        type="DepthAugmentedBackbone",
        backbone=_base_.model.backbone,
        depth="mdetools-tiny",
        depth_size=(112, 144),
        channels=("image", "depth"),
    ),
)

_depth = dict(depth="predicted", depth_kind="relative_inverse_depth")
train_dataloader = dict(dataset=_depth)
val_dataloader = dict(dataset=_depth)
test_dataloader = val_dataloader
