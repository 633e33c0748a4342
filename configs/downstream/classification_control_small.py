# python tools/train.py configs/downstream/classification_control_small.py --data-root data/shapes
#
# The control of classification_exact_small.py: each image has the exact depth of another one, in training and in
# evaluation.
# Expect: as classification_rgb_small.py; docs/downstream.md.

_base_ = ["./classification_exact_small.py"]

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
