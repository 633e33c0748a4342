# Images without labels alone, see photographs.py. For students of V2, which learn from labels alone and need no
# perturbations: train_dataloader.dataset.pipeline.clean=None train_dataloader.dataset.pipeline.colours=None

_base_ = ["./photographs.py"]

train_dataloader = dict(
    batch_size=8,
    num_workers=4,
    persistent_workers=True,
    pin_memory=True,
    drop_last=True,
    sampler=dict(type="EpochSampler", shuffle=True),
    collate_fn=dict(type="collate_samples"),
    dataset=_base_._photographs,
)
