_base_ = [
    "../../../configs/_base_/schedules/cosine.py",
    "../../../configs/_base_/default_runtime.py",
]

_geometry = dict(
    flip=dict(type="RandomHorizontalFlip"),
    resize=dict(type="Resize", size=48, multiple_of=1),
    crop=dict(type="RandomCrop", size=32),
    pack=dict(type="PackSample"),
)
_evaluation = dict(resize=dict(type="Resize", size=32, multiple_of=1, resize_depth=False), pack=dict(type="PackSample"))
_loader = dict(num_workers=0, collate_fn=dict(type="collate_samples"))

train_dataloader = dict(
    batch_size=4,
    drop_last=True,
    sampler=dict(type="EpochSampler"),
    dataset=dict(type="BoxScenes", count=16, pipeline=_geometry),
    **_loader,
)
val_dataloader = dict(
    batch_size=1,
    sampler=dict(type="EpochSampler", shuffle=False),
    dataset=dict(type="BoxScenes", count=3, seed=1, pipeline=_evaluation),
    **_loader,
)
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=2)
optim_wrapper = dict(optimizer=dict(lr=3e-2), paramwise_cfg=dict(decoder_lr_mult=1.0))
default_hooks = dict(logger=dict(interval=1), pictures=dict(images=1))
