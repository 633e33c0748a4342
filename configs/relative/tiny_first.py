# tools/dist_train.sh configs/relative/tiny_first.py 2 --work-dir work_dirs/tiny_first
#
# The first part of mdetools-tiny (tiny.py is the second): relative inverse depth by a residual network of 4.7 million
# parameters, from random weights, on ray-cast worlds alone, at 64x88. The data:
#   python tools/make_synthetic.py worlds data/worlds --size 144x200 --train 20000 --val 300 --seed 2
# Expect: not measured yet; the model that it is to make does not come with mdetools so far.

_base_ = [
    "../_base_/datasets/rgbd.py",
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

_worlds = dict(data_root="data/worlds", depth_scale=1.0, sky="inf")
train_dataloader = dict(
    batch_size=16,  # of each of two processes
    num_workers=1,
    dataset=dict(
        **_worlds,
        # The resize is to one size, as a crop of this aspect gives it up to rounding.
        pipeline=dict(
            _delete_=True,
            crop=dict(type="RandomAspectCrop", aspect=11 / 8),
            zoom=dict(type="RandomZoom", zoom=(1.0, 1.5)),
            flip=dict(type="RandomHorizontalFlip", prob=0.5),
            resize=dict(type="Resize", size=(64, 88), multiple_of=1, keep_aspect=False, interpolation="area"),
            colours=dict(
                type="Albumentations",
                transforms=[
                    dict(type="ColorJitter", brightness=0.4, contrast=0.4, saturation=0.6, hue=0.1, p=0.8),
                    dict(type="ToGray", p=0.1),
                    dict(type="RandomGamma", gamma_limit=(70, 140), p=0.2),
                    dict(type="GaussianBlur", blur_limit=(3, 3), p=0.15),
                    dict(type="ImageCompression", quality_range=(30, 90), p=0.2),
                    dict(type="GaussNoise", std_range=(0.005, 0.03), p=0.2),
                ],
            ),
            inverse=dict(type="InverseDepth"),
            pack=dict(type="PackSample"),
        ),
    ),
)
val_dataloader = dict(
    num_workers=1,
    dataset=dict(**_worlds, pipeline=dict(resize=dict(size=64, multiple_of=16, interpolation="area"))),
)
test_dataloader = val_dataloader

_protocol = dict(name="worlds", min_depth=0.1, max_depth=80.0, alignment="lstsq_disparity")
val_evaluator = dict(protocol=_protocol)
test_evaluator = val_evaluator

train_cfg = dict(max_epochs=18, val_interval=6)
optim_wrapper = dict(
    type="AmpOptimWrapper",
    dtype="bf16",
    optimizer=dict(lr=1.5e-3, weight_decay=0.05, betas=(0.9, 0.99)),
    paramwise_cfg=dict(decoder_lr_mult=1.0, decay_all=False),
    clip_grad=dict(max_norm=5.0),
)
default_hooks = dict(
    ema=dict(type="EMAHook", ema_type="ExponentialMovingAverage", momentum=0.002),
    channels_last=dict(type="ChannelsLastHook"),
    checkpoint=dict(interval_iters=200),
)
