# What relative models are scored on while they train: rooms, by least squares in disparity.

val_dataloader = dict(
    batch_size=1,  # images keep their aspect, so their sizes differ
    num_workers=4,
    persistent_workers=True,
    pin_memory=True,
    sampler=dict(type="EpochSampler", shuffle=False),
    collate_fn=dict(type="collate_samples"),
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

val_evaluator = dict(type="DepthMetric", protocol="nyu_lstsq_disparity")
test_evaluator = val_evaluator
