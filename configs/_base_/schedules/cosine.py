# Half an epoch of linear warm-up, then a cosine to zero: the fine-tuning article's schedule.

train_cfg = dict(type="EpochTrainLoop", max_epochs=10, val_interval=1)
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")

optim_wrapper = dict(
    type="OptimWrapper",
    constructor="EncoderDecoderConstructor",
    optimizer=dict(type="AdamW", lr=5e-6, weight_decay=0.01, fused=True),
    paramwise_cfg=dict(decoder_lr_mult=10.0, decay_all=True),
    # The article does not clip; 100 only stops a blow-up, and clipping is what puts the norm on TensorBoard.
    clip_grad=dict(max_norm=100.0),
)

param_scheduler = dict(
    lr=dict(type="WarmupCosineLR", warmup=0.5, start_factor=1e-3, convert_to_iter_based=True),
)
