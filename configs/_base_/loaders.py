# How samples are loaded, whatever the data set: _base_/datasets/*.py inherit it and name their data.

train_dataloader = dict(
    num_workers=4,
    persistent_workers=True,
    pin_memory=True,
    drop_last=True,
    sampler=dict(type="EpochSampler", shuffle=True),
    collate_fn=dict(type="collate_samples"),
)
val_dataloader = dict(
    batch_size=1,  # images that keep their aspect differ in size
    num_workers=4,
    persistent_workers=True,
    pin_memory=True,
    sampler=dict(type="EpochSampler", shuffle=False),
    collate_fn=dict(type="collate_samples"),
)
test_dataloader = val_dataloader
