# Left images of KITTI raw with sparse LiDAR depth, for supervised training up to 80 m. `data_root` has `train.txt` and
# `val.txt`, as `python tools/make_synthetic.py kitti data/kitti` writes them. For all of KITTI take the splits that
# come along: train_dataloader.dataset.split=eigen_train, val_dataloader.dataset.split=eigen_val and
# test_dataloader.dataset.split=eigen_test. With the denser annotated PNGs (depth_source=annotated) the test split is
# eigen_test_annotated.

_base_ = ["../loaders.py"]

train_dataloader = dict(
    batch_size=8,
    dataset=dict(
        type="KITTIDataset",
        data_root="data/kitti",
        split="train",
        depth_source="velodyne",
        stereo=False,  # a flipped pair is a swapped one, which would leave the depth behind
        # The crop comes first, so that only pixels that stay are changed and resized.
        pipeline=dict(
            crop=dict(type="RandomAspectCrop", aspect=1.0),
            flip=dict(type="RandomHorizontalFlip", prob=0.5),
            photometric=dict(
                type="Albumentations",
                transforms=[dict(type="ColorJitter", brightness=0.1, contrast=0.1, saturation=0.1, hue=0.1)],
            ),
            noise=dict(type="GaussianNoise", std_range=(0.0, 5 / 255), prob=0.5),
            resize=dict(type="Resize", size=518, multiple_of=14),
            depth_range=dict(type="DepthRange", min_depth=1e-3, max_depth=80.0),
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
        stereo=False,
        pipeline=dict(
            resize=dict(type="Resize", size=518, multiple_of=14, resize_depth=False),
            pack=dict(type="PackSample"),
        ),
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(type="DepthMetric", protocol="kitti_garg_80")
test_evaluator = val_evaluator
