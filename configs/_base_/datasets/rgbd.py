# Your own images with depth: data/own/{train,val}/images/** with data/own/{train,val}/depth/** by the same names, or
# the lists data/own/{train,val}.txt, see docs/data.md. Here 16-bit PNGs in millimetres, up to 10 m.

_base_ = ["../loaders.py"]

train_dataloader = dict(
    batch_size=11,
    dataset=dict(
        type="RGBDDataset",
        data_root="data/own",
        split="train",
        depth_scale=1000.0,
        depth_kind="depth",
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
            depth_range=dict(type="DepthRange", min_depth=1e-3, max_depth=10.0),
            pack=dict(type="PackSample"),
        ),
    ),
)

val_dataloader = dict(
    dataset=dict(
        type="RGBDDataset",
        data_root="data/own",
        split="val",
        depth_scale=1000.0,
        depth_kind="depth",
        pipeline=dict(
            resize=dict(type="Resize", size=518, multiple_of=14, resize_depth=False),
            pack=dict(type="PackSample"),
        ),
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(type="DepthMetric", protocol=dict(name="own_data", min_depth=1e-3, max_depth=10.0))
test_evaluator = val_evaluator
