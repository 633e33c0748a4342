# python tools/train.py configs/downstream/classification_control.py --data-root data/classes
#
# The control of classification_rgbd.py: each image has the depth of another one, in training and in evaluation. It has
# the channel and its weights, and nothing to learn from them. It takes depth beside the images: below data/classes,
# the folder `depth`, of metres; see ClassFolderDataset for others.
# Expect: as classification_rgb.py; not measured here, classification_control_small.py is, see docs/downstream.md.

_base_ = ["./classification_rgbd.py"]

model = dict(backbone=dict(depth=None))

_train, _val = _base_.train_dataloader.dataset, _base_.val_dataloader.dataset

train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type="OtherDepthDataset",
        dataset=dict(type=_train.type, data_root=_train.data_root, split=_train.split, depth="depth"),
        pipeline=_train.pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type="OtherDepthDataset",
        dataset=dict(type=_val.type, data_root=_val.data_root, split=_val.split, depth="depth"),
        pipeline=_val.pipeline,
    ),
)
test_dataloader = val_dataloader
