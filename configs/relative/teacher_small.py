# python tools/train.py configs/relative/teacher_small.py
#
# The teacher in small, from random weights: a ResNet-10 with a narrow DPT head on 98x126 pixels of 2000 ray-cast rooms
# and 400 streets, `python tools/make_synthetic.py nyu data/nyu_quickstart --train 2000` and `python
# tools/make_synthetic.py kitti data/kitti --train 400`. Colours change, as there are no pretrained weights that have
# seen real ones. It shows that all works, not what the method can do.
# Expect: docs/relative.md.

_base_ = ["./teacher_vits.py"]

model = dict(
    backbone=dict(_delete_=True, type="TimmBackbone", name="resnet10t"),
    head=dict(features=32, out_channels=[32, 64, 96, 128]),
)

# The resize is to one size, as a crop of this aspect gives it up to rounding.
_pipeline = dict(
    crop=dict(aspect=9 / 7),
    zoom=dict(_delete_=True, type="RandomZoom", zoom=(1.0, 1.6)),
    colours=dict(
        _delete_=True,
        type="Albumentations",
        transforms=[
            dict(type="ColorJitter", brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1, p=0.8),
            dict(type="ToGray", p=0.2),
        ],
    ),
    noise=dict(_delete_=True, type="GaussianNoise", std_range=(0.0, 5 / 255), prob=0.5),
    resize=dict(size=(98, 126), keep_aspect=False),
)
train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    dataset=dict(
        datasets=dict(
            rooms=dict(data_root="data/nyu_quickstart", pipeline=_pipeline),
            streets=dict(pipeline=_pipeline),
        ),
    ),
)
val_dataloader = dict(num_workers=2, dataset=dict(data_root="data/nyu_quickstart", pipeline=dict(resize=dict(size=98))))
test_dataloader = val_dataloader

# Random weights may change faster than pretrained ones.
optim_wrapper = dict(
    type="AmpOptimWrapper", dtype="bf16", optimizer=dict(lr=1e-3), paramwise_cfg=dict(decoder_lr_mult=1.0)
)
train_cfg = dict(max_epochs=2, val_interval=2)
default_hooks = dict(channels_last=dict(type="ChannelsLastHook"))
