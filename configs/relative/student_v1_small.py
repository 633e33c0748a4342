# python tools/train.py configs/relative/student_v1_small.py --cfg-options pretrained.checkpoint=TEACHER
# model.data_preprocessor.steps.features.checkpoint=TEACHER
# model.data_preprocessor.steps.pseudo_labels.checkpoint=TEACHER
#
# The student of V1 in small: the rooms and streets of teacher_small.py and twice as many photographs in each batch,
# which the small teacher (TEACHER, such as work_dirs/teacher_small/best_abs_rel.pth) labels on the fly; its encoder
# stands for DINOv2's.
# Expect: docs/relative.md.

_base_ = ["./student_v1_vits.py"]

_encoder = dict(_delete_=True, type="TimmBackbone", name="resnet10t")
_decoder = dict(features=32, out_channels=[32, 64, 96, 128])

model = dict(
    backbone=_encoder,
    head=_decoder,
    data_preprocessor=dict(
        steps=dict(
            pseudo_labels=dict(model=dict(backbone=_encoder, head=_decoder)),
            features=dict(backbone=_encoder),
        ),
    ),
)

_crop, _resize = dict(aspect=9 / 7), dict(size=(98, 126), keep_aspect=False)
_labelled = dict(
    crop=_crop,
    zoom=dict(_delete_=True, type="RandomZoom", zoom=(1.0, 1.6)),
    resize=_resize,
)
train_dataloader = dict(
    num_workers=2,
    dataset=dict(
        datasets=dict(
            labelled=dict(
                datasets=dict(
                    rooms=dict(data_root="data/nyu_quickstart", pipeline=_labelled), streets=dict(pipeline=_labelled)
                ),
            ),
            unlabelled=dict(pipeline=dict(crop=_crop, resize=_resize)),
        ),
    ),
)
val_dataloader = dict(num_workers=2, dataset=dict(data_root="data/nyu_quickstart", pipeline=dict(resize=dict(size=98))))
test_dataloader = val_dataloader

# A random decoder may change faster than a pretrained one.
optim_wrapper = dict(
    type="AmpOptimWrapper", dtype="bf16", optimizer=dict(lr=5e-4), paramwise_cfg=dict(decoder_lr_mult=2.0)
)
train_cfg = dict(max_epochs=20, val_interval=20)
default_hooks = dict(channels_last=dict(type="ChannelsLastHook"))
