# bash tools/quickstart.sh
#
# A small model from random weights on 1200 ray-cast rooms, on two CPU cores in minutes: the first six blocks of ViT-S
# at 140x140. It shows that all works, not what the method can do.

_base_ = ["./vits_nyu.py"]

model = dict(backbone=dict(out_indices=(0, 1, 3, 5)))

train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    dataset=dict(data_root="data/nyu_quickstart", pipeline=dict(resize=dict(size=140))),
)
val_dataloader = dict(
    num_workers=2, dataset=dict(data_root="data/nyu_quickstart", pipeline=dict(resize=dict(size=140)))
)
test_dataloader = val_dataloader

# Random weights learn faster than pretrained ones may be changed.
optim_wrapper = dict(
    type="AmpOptimWrapper", dtype="bf16", optimizer=dict(lr=5e-4), paramwise_cfg=dict(decoder_lr_mult=1.0)
)
train_cfg = dict(max_epochs=8, val_interval=4)
