# python tools/train.py configs/rgbd/vits_own_data_small.py --data-root data/own
#
# A trial of your own data on a CPU, from random weights: the first four blocks of ViT-S, whole frames at 98 pixels, no
# colour augmentation. It shows that data and config are right, not what the method can do.
# Expect, on 140 frames of a kitchen (docs/your_own_data.md): abs_rel 0.176, 0.56 of the constant predictor's 0.314;
# 1.5 minutes of training on two CPU cores.

_base_ = ["./vits_own_data.py"]

model = dict(backbone=dict(out_indices=(0, 1, 2, 3)))

train_dataloader = dict(
    batch_size=8,
    num_workers=2,
    dataset=dict(pipeline=dict(crop=None, photometric=None, noise=None, resize=dict(size=98))),
)
val_dataloader = dict(num_workers=2, dataset=dict(pipeline=dict(resize=dict(size=98))))
test_dataloader = val_dataloader

# Random weights may change faster than pretrained ones.
optim_wrapper = dict(
    type="AmpOptimWrapper", dtype="bf16", optimizer=dict(lr=5e-4), paramwise_cfg=dict(decoder_lr_mult=1.0)
)
train_cfg = dict(max_epochs=20, val_interval=20)
