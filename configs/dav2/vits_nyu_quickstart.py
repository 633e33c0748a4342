# python tools/train.py configs/dav2/vits_nyu_quickstart.py
#
# A small model from random weights on the 2000 ray-cast rooms of tools/quickstart.sh: the first four blocks of ViT-S,
# whole frames at 98x126, no colour augmentation. It shows that all works, not what the method can do.
# Expect: abs_rel 0.231, 0.55 of the constant predictor's 0.418; about 4 minutes of training on two CPU cores.

_base_ = ["./vits_nyu.py"]

model = dict(backbone=dict(out_indices=(0, 1, 2, 3)))

train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    dataset=dict(
        data_root="data/nyu_quickstart",
        pipeline=dict(crop=None, photometric=None, noise=None, resize=dict(size=98)),
    ),
)
val_dataloader = dict(num_workers=2, dataset=dict(data_root="data/nyu_quickstart", pipeline=dict(resize=dict(size=98))))
test_dataloader = val_dataloader

# Random weights may change faster than pretrained ones.
optim_wrapper = dict(
    type="AmpOptimWrapper", dtype="bf16", optimizer=dict(lr=5e-4), paramwise_cfg=dict(decoder_lr_mult=1.0)
)
train_cfg = dict(max_epochs=4, val_interval=4)
