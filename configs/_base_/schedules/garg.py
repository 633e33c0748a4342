# Garg et al., ECCV 2016: SGD with momentum and a learning rate that falls every epoch.

train_cfg = dict(type="EpochTrainLoop", max_epochs=100, val_interval=5)
val_cfg = dict(type="ValLoop")
test_cfg = dict(type="TestLoop")

optim_wrapper = dict(
    type="OptimWrapper",
    constructor="EncoderDecoderConstructor",
    optimizer=dict(type="SGD", lr=0.01, momentum=0.9, weight_decay=5e-4),
    paramwise_cfg=dict(decoder_lr_mult=1.0, decay_all=True),
    clip_grad=dict(max_norm=100.0),
)

param_scheduler = dict(lr=dict(type="InversePowerLR", alpha=5e-4))
