# Labelled images of several kinds for relative depth: ray-cast rooms and streets,
# `python tools/make_synthetic.py nyu data/nyu` and `python tools/make_synthetic.py kitti data/kitti`. Each data set has
# its own readers and cameras; what they have in common is `inverse_depth`, of which the losses take any scale and shift
# away per image. They are concatenated without balancing, as Depth Anything does it; further ones are further names in
# `datasets`, see relative_five_sets.py.

_base_ = ["./relative_validation.py"]

# Short side 518, then a random crop of 518 (V2): cropped first, so that only pixels that stay are resized. A flip is
# all that the labelled images are augmented by.
_pipeline = dict(
    crop=dict(type="RandomAspectCrop", aspect=1.0),
    zoom=None,
    flip=dict(type="RandomHorizontalFlip", prob=0.5),
    colours=None,
    noise=None,
    resize=dict(type="Resize", size=518, multiple_of=14),
    inverse_depth=dict(type="InverseDepth"),
    pack=dict(type="PackSample"),
)

train_dataloader = dict(
    batch_size=8,
    num_workers=4,
    persistent_workers=True,
    pin_memory=True,
    drop_last=True,
    sampler=dict(type="EpochSampler", shuffle=True),
    collate_fn=dict(type="collate_samples"),
    dataset=dict(
        type="ConcatDataset",
        datasets=dict(
            rooms=dict(type="NYUDataset", data_root="data/nyu", split="train", pipeline=_pipeline),
            streets=dict(
                type="KITTIDataset",
                data_root="data/kitti",
                split="train",
                depth_source="velodyne",
                stereo=False,
                pipeline=_pipeline,
            ),
        ),
    ),
)
