# python tools/train.py configs/downstream/classification_rgb_small.py --data-root data/shapes
#
# classification_rgb.py in small, on ray-cast pictures whose class is how walls stand:
#   python tools/make_synthetic.py shapes data/shapes --train 700 --val 700
# No flips: left and right are different classes here.
# Expect: docs/downstream.md.

_base_ = ["./classification_rgb.py"]

model = dict(
    backbone=dict(options=dict(channels=[16, 32, 64, 128])),
    head=dict(num_classes=7),
)

_resize = dict(size=(48, 64))
_loader = dict(batch_size=32, num_workers=0, persistent_workers=False, pin_memory=False)

train_dataloader = dict(dataset=dict(pipeline=dict(zoom=dict(zoom=(1.0, 1.2)), flip=None, resize=_resize)), **_loader)
val_dataloader = dict(dataset=dict(pipeline=dict(resize=_resize)), **_loader)
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=8, val_interval=8)
optim_wrapper = dict(
    _delete_=True,
    type="OptimWrapper",
    constructor="EncoderDecoderConstructor",
    optimizer=dict(type="AdamW", lr=2e-3, weight_decay=0.05),
    paramwise_cfg=dict(decoder_lr_mult=1.0, decay_all=False),
    clip_grad=dict(max_norm=100.0),
)
