# tools/dist_train.sh configs/relative/tiny.py 2
#
# mdetools-tiny, its third and last part, after tiny_first.py and tiny_second.py: relative inverse depth by a residual
# network of 4.7 million parameters, on ray-cast worlds alone, at 80x112 on two cores; many views here look down into
# kitchens, or are still lifes. The data:
#   python tools/make_synthetic.py worlds data/worlds --size 144x200 --train 10000 --val 200 --seed 4 --kinds \
#       looking_down=0.3 still_life=0.25 interior=0.15 drive=0.15 closeup=0.08 ground=0.07
#   python tools/make_synthetic.py nyu data/rooms --size 144x192 --train 2500 --val 16 --seed 5
# Another second part: --cfg-options pretrained.checkpoint=FILE
# Expect: docs/mdetools_tiny.md; 60 minutes on two cores.

_base_ = [
    "../_base_/datasets/ray_cast.py",
    "../_base_/schedules/cosine.py",
    "../_base_/default_runtime.py",
]

model = dict(
    type="Estimator",
    backbone=dict(
        type="TimmBackbone",
        name="resnet18",
        options=dict(channels=[48, 96, 192, 288], block_args=dict(attn_layer="se"), zero_init_last=False),
    ),
    head=dict(
        type="DPTHead",
        features=32,
        out_channels=[48, 64, 96, 128],
        output=dict(type="SoftplusInverseDepth"),
        use_bn=True,
    ),
    losses=dict(
        affine_invariant=dict(type="AffineInvariantLoss", weight=1.0),
        gradient_matching=dict(type="GradientMatchingLoss", weight=0.5),
    ),
)

pretrained = dict(checkpoint="work_dirs/tiny_second/epoch_22.pth", encoder_only=False)

# It does best on pictures a little larger than those that it was trained on.
val_dataloader = dict(dataset=dict(pipeline=dict(resize=dict(size=96))))
test_dataloader = val_dataloader

_resize = dict(resize=dict(size=(80, 112)))
train_dataloader = dict(
    batch_size=16,  # of each of two processes
    num_workers=1,
    dataset=dict(datasets=dict(worlds=dict(pipeline=_resize), rooms=dict(pipeline=_resize))),
)

train_cfg = dict(max_epochs=18, val_interval=6)
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
    checkpoint=dict(interval_iters=200),
)
