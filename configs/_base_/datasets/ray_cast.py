# Dense inverse depth of ray-cast scenes, for small relative models from random weights: worlds of many kinds
# (`python tools/make_synthetic.py worlds data/worlds`) and rooms as people photograph them (`python
# tools/make_synthetic.py nyu data/rooms`). Pictures of every format are brought to one size; colours change strongly.

_base_ = ["../loaders.py"]

_pipeline = dict(
    crop=None,
    zoom=dict(type="RandomZoom", zoom=(1.0, 1.5)),
    flip=dict(type="RandomHorizontalFlip", prob=0.5),
    resize=dict(type="Resize", size=(128, 176), multiple_of=1, keep_aspect=False, interpolation="area"),
    colours=dict(
        type="Albumentations",
        transforms=[
            dict(type="ColorJitter", brightness=0.4, contrast=0.4, saturation=0.6, hue=0.1, p=0.8),
            dict(type="ToGray", p=0.1),
            dict(type="RandomGamma", gamma_limit=(70, 140), p=0.2),
            dict(type="GaussianBlur", blur_limit=(3, 3), p=0.15),
            dict(type="ImageCompression", quality_range=(30, 90), p=0.2),
            dict(type="GaussNoise", std_range=(0.005, 0.03), p=0.2),
        ],
    ),
    inverse=dict(type="InverseDepth"),
    pack=dict(type="PackSample"),
)
_worlds = dict(type="RGBDDataset", data_root="data/worlds", depth_scale=1.0, sky="inf")

train_dataloader = dict(
    batch_size=128,
    num_workers=15,
    dataset=dict(
        type="ConcatDataset",
        datasets=dict(
            worlds=dict(split="train", pipeline=_pipeline, **_worlds),
            rooms=dict(type="NYUDataset", data_root="data/rooms", split="train", pipeline=_pipeline),
        ),
    ),
)

val_dataloader = dict(
    num_workers=1,
    dataset=dict(
        split="val",
        pipeline=dict(
            resize=dict(type="Resize", size=128, multiple_of=16, resize_depth=False, interpolation="area"),
            pack=dict(type="PackSample"),
        ),
        **_worlds,
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(
    type="DepthMetric",
    protocol=dict(name="worlds", min_depth=0.1, max_depth=80.0, alignment="lstsq_disparity"),
)
test_evaluator = val_evaluator
