# python tools/train.py configs/downstream/classification_control.py --data-root data/classes
#
# The control of classification_rgbd.py: each image has the depth of another one, in training and in evaluation. It has
# the channel and its weights, and nothing to learn from them. It takes depth beside the images: below data/classes,
# the folder `depth`, of metres; see ClassFolderDataset for others.
# Expect: as classification_rgb.py; not measured here, classification_control_small.py is, see docs/downstream.md.

_base_ = ["./classification_rgbd.py"]

model = dict(backbone=dict(depth=None))


def others(data):
    """The data set `data` with each image's depth taken from another one."""
    images = dict(type=data.type, data_root=data.data_root, split=data.split, depth="depth")
    return dict(_delete_=True, type="OtherDepthDataset", dataset=images, pipeline=data.pipeline)


train_dataloader = dict(dataset=others(_base_.train_dataloader.dataset))
val_dataloader = dict(dataset=others(_base_.val_dataloader.dataset))
test_dataloader = val_dataloader
