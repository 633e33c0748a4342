# python tools/train.py configs/downstream/segmentation_rooms_small.py --cfg-options pretrained.checkpoint=FILE
#
# The 14 classes of ray-cast rooms from 200 labelled pictures of 96x128, with the network of mdetools-tiny, whose
# encoder is in FILE: mdetools/pretrained/mdetools-tiny.safetensors. Leave the option out for random weights. The data:
#   python tools/make_synthetic.py segmentation data/room_classes --scenes rooms --size 96x128 --train 200 --val 100 \
#       --seed 11
# Expect: mIoU 0.255 with the encoder of mdetools-tiny, 0.158 from random weights (means of three seeds), in four to
# seven minutes on one busy CPU core: docs/downstream.md.

_base_ = [
    "../_base_/models/tiny_network.py",
    "../_base_/datasets/segmentation.py",
    "../_base_/schedules/poly.py",
    "../_base_/default_runtime.py",
]

model = dict(
    head=dict(output=dict(type="Logits"), num_outputs=14),
    losses=dict(classes=dict(type="CrossEntropyLoss")),
)

_rooms = dict(data_root="data/room_classes")
_size = dict(size=(96, 128), multiple_of=1, keep_aspect=False)

train_dataloader = dict(
    batch_size=16,
    num_workers=1,
    dataset=dict(pipeline=dict(crop=None, zoom=dict(zoom=(1.0, 1.5)), resize=_size), **_rooms),
)
val_dataloader = dict(batch_size=10, num_workers=1, dataset=dict(pipeline=dict(resize=_size), **_rooms))
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=20, val_interval=20)
optim_wrapper = dict(
    type="AmpOptimWrapper",
    dtype="bf16",
    optimizer=dict(lr=1e-3, weight_decay=0.05),
    paramwise_cfg=dict(decoder_lr_mult=1.0, decay_all=False),
    clip_grad=dict(max_norm=5.0),
)
default_hooks = dict(checkpoint=dict(best="mIoU"))
