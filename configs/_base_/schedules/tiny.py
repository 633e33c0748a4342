# Fine-tuning of mdetools-tiny: encoder and decoder learn at one rate, in bfloat16.

_base_ = ["./cosine.py"]

optim_wrapper = dict(
    type="AmpOptimWrapper",
    dtype="bf16",
    optimizer=dict(lr=1e-3),
    paramwise_cfg=dict(decoder_lr_mult=1.0, decay_all=False),
    clip_grad=dict(max_norm=5.0),
)
