# python tools/train.py configs/relative/tiny.py
#
# mdetools-tiny, its second part, after tiny_first.py: at 128x176, in batches for one GPU, on other worlds and on rooms
# as people photograph them. The data:
#   python tools/make_synthetic.py worlds data/worlds --size 144x200 --train 5500 --val 64 --seed 3 --kinds \
#       interior=0.42 closeup=0.22 drive=0.2 ground=0.16
#   python tools/make_synthetic.py nyu data/rooms --size 144x192 --train 3000 --val 16 --seed 3
# Another first part: --cfg-options pretrained.checkpoint=FILE
# Expect: docs/mdetools_tiny.md; 3.5 minutes on one H200 with 16 cores.

_base_ = [
    "../_base_/models/tiny_network.py",
    "../_base_/datasets/ray_cast.py",
    "../_base_/schedules/cosine.py",
    "../_base_/default_runtime.py",
]

model = dict(
    head=dict(output=dict(type="SoftplusInverseDepth")),
    losses=dict(
        affine_invariant=dict(type="AffineInvariantLoss", weight=1.0),
        gradient_matching=dict(type="GradientMatchingLoss", weight=0.5),
    ),
)

pretrained = dict(checkpoint="work_dirs/tiny_first/epoch_18.pth", encoder_only=False)

# It does best where pictures are a little smaller than those that it was trained on.
val_dataloader = dict(dataset=dict(pipeline=dict(resize=dict(size=112))))
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=22, val_interval=22)
optim_wrapper = dict(
    type="AmpOptimWrapper",
    dtype="bf16",
    optimizer=dict(lr=1e-3, weight_decay=0.05, betas=(0.9, 0.99)),
    paramwise_cfg=dict(decoder_lr_mult=1.0, decay_all=False),
    clip_grad=dict(max_norm=5.0),
)
default_hooks = dict(
    ema=dict(type="EMAHook", ema_type="ExponentialMovingAverage", momentum=0.002),
    channels_last=dict(type="ChannelsLastHook"),
)
