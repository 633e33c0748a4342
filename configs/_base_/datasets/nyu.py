# NYU Depth V2 in the FastDepth layout, or `python tools/make_synthetic.py nyu data/nyu`.

_base_ = ["../loaders.py"]

train_dataloader = dict(
    batch_size=11,
    dataset=dict(
        type="NYUDataset",
        data_root="data/nyu",
        split="train",
        # The crop comes first, so that only pixels that stay are changed and resized. With the article's order (resize
        # 640x480 to 686x518, then a random 518x518) the window is 483x480 source pixels in place of 480x480.
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
        type="NYUDataset",
        data_root="data/nyu",
        split="val",
        pipeline=dict(
            resize=dict(type="Resize", size=518, multiple_of=14, resize_depth=False),
            pack=dict(type="PackSample"),
        ),
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(type="DepthMetric", protocol="nyu")
test_evaluator = val_evaluator
