# Rectified pairs of KITTI raw, trained on without depth, scored against LiDAR. `data_root` has `train.txt` and
# `val.txt`, as `python tools/make_synthetic.py kitti data/kitti` writes them. For all of KITTI take the splits that
# come along: train_dataloader.dataset.split=eigen_train, val_dataloader.dataset.split=eigen_val and
# test_dataloader.dataset.split=eigen_test; and, to compare with published scores against raw LiDAR,
# test_dataloader.dataset.depth_source=velodyne_devkit.

_base_ = ["../loaders.py"]

train_dataloader = dict(
    batch_size=8,
    dataset=dict(
        type="KITTIDataset",
        data_root="data/kitti",
        split="train",
        depth_source=None,
        # Crop first, then resize, then all that works on every pixel. The augmentation is the paper's; it used it for
        # fine-tuning only (zoom=None, flip=None and colour=None give its plain training).
        pipeline=dict(
            zoom=dict(type="RandomZoom", zoom=(1.0, 1.6)),
            resize=dict(type="Resize", size=(188, 620), multiple_of=1, keep_aspect=False, interpolation="area"),
            flip=dict(type="RandomHorizontalFlip", prob=0.5),
            colour=dict(type="ChannelScale", factor=(0.9, 1.1)),
            pack=dict(type="PackSample"),
        ),
    ),
)

val_dataloader = dict(
    dataset=dict(
        type="KITTIDataset",
        data_root="data/kitti",
        split="val",
        depth_source="velodyne",
        pipeline=dict(
            resize=dict(
                type="Resize",
                size=(188, 620),
                multiple_of=1,
                keep_aspect=False,
                interpolation="area",
                resize_depth=False,
            ),
            pack=dict(type="PackSample"),
        ),
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(type="DepthMetric", protocol="kitti_garg_80")
test_evaluator = val_evaluator
