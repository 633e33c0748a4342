# python tools/train.py configs/downstream/classification_control_small.py --data-root data/shapes
#
# The control of classification_exact_small.py: each image has the exact depth of another one, in training and in
# evaluation.
# Expect: as classification_rgb_small.py; docs/downstream.md.

_base_ = ["./classification_exact_small.py"]


def others(data):
    """The data set `data` with each image's depth taken from another one."""
    images = dict(type=data.type, data_root=data.data_root, split=data.split, depth="depth")
    return dict(_delete_=True, type="OtherDepthDataset", dataset=images, pipeline=data.pipeline)


train_dataloader = dict(dataset=others(_base_.train_dataloader.dataset))
val_dataloader = dict(dataset=others(_base_.val_dataloader.dataset))
test_dataloader = val_dataloader
