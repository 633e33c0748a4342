# Your own rectified pairs: `data_root` has train/left/** and train/right/** with the same names, and val with a folder
# `disparity` beside them, 16-bit PNGs of disparity x 256, to score on. Focal length (pixels) and baseline (metres) are
# in a calib.txt, such as `focal = 700` and `baseline = 0.12`, in data_root or any folder below it, or the data sets'
# arguments of these names.
# docs/stereo.md has other layouts, lists, and what to do without a ground truth.

_base_ = ["../loaders.py"]

train_dataloader = dict(
    batch_size=8,
    dataset=dict(
        type="StereoPairDataset",
        data_root="data/pairs",
        split="train",
        pipeline=dict(
            zoom=dict(type="RandomZoom", zoom=(1.0, 1.6)),
            resize=dict(type="Resize", size=(192, 320), multiple_of=1, keep_aspect=False, interpolation="area"),
            flip=dict(type="RandomHorizontalFlip", prob=0.5),
            colour=dict(type="ChannelScale", factor=(0.9, 1.1)),
            pack=dict(type="PackSample"),
        ),
    ),
)

val_dataloader = dict(
    dataset=dict(
        type="StereoPairDataset",
        data_root="data/pairs",
        split="val",
        depth="disparity",
        depth_kind="disparity",
        depth_scale=256.0,
        pipeline=dict(
            resize=dict(
                type="Resize",
                size=(192, 320),
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

val_evaluator = dict(type="DepthMetric", protocol=dict(name="own_pairs", min_depth=0.1, max_depth=80.0))
test_evaluator = val_evaluator
