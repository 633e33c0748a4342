# python tools/train.py configs/downstream/classification_rgbd.py --data-root data/classes
#
# classification_rgb.py with depth as a fourth channel, by mdetools-tiny on the fly; the network is a part of the model.
# Another one: model.backbone.depth as its config, with model.backbone.checkpoint. To spare its run in every epoch,
# write its maps once by tools/pseudo_label.py and read them: `depth` and `depth_kind` of the data sets, which the step
# DepthChannel then puts behind the image.
# Expect: not measured here; classification_rgbd_small.py is, see docs/downstream.md.

_base_ = ["./classification_rgb.py"]

model = dict(
    data_preprocessor=dict(steps=dict(depth=dict(type="DepthChannel"))),
    backbone=dict(
        _delete_=True,
        type="DepthAugmentedBackbone",
        backbone=_base_.model.backbone,
        depth="mdetools-tiny",
        channels=("image", "depth"),
    ),
)
