# AdamW with a learning rate that falls from layer to layer of the encoder, and a power of 0.9 over time. Ours.

_base_ = ["./poly.py"]

train_cfg = dict(max_epochs=100, val_interval=5)
optim_wrapper = dict(
    optimizer=dict(lr=2e-5, weight_decay=0.05),
    paramwise_cfg=dict(decoder_lr_mult=10.0, decay_all=False, layer_decay=0.9),
    clip_grad=dict(max_norm=10.0),
)
