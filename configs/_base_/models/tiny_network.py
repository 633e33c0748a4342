# The network of mdetools-tiny, 4.7 million parameters; configs add the output and the losses.

model = dict(
    type="Estimator",
    backbone=dict(
        type="TimmBackbone",
        name="resnet18",
        options=dict(channels=[48, 96, 192, 288], block_args=dict(attn_layer="se"), zero_init_last=False),
    ),
    head=dict(type="DPTHead", features=32, out_channels=[48, 64, 96, 128], use_bn=True),
)
