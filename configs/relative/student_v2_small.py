# python tools/train.py configs/relative/student_v2_small.py --cfg-options pretrained.checkpoint=TEACHER
# model.data_preprocessor.steps.features.checkpoint=TEACHER
#
# The student of V2 in small: pseudo-labels that teacher_small.py made of a few hundred photographs, from the teacher's
# encoder (TEACHER, such as work_dirs/teacher_small/best_abs_rel.pth) in place of DINOv2's. Colours change, since a few
# hundred images are soon known by heart.
# Expect: docs/relative.md.

_base_ = ["./student_v2_vits.py"]

model = dict(
    backbone=dict(_delete_=True, type="TimmBackbone", name="resnet10t"),
    head=dict(features=32, out_channels=[32, 64, 96, 128]),
    data_preprocessor=dict(
        steps=dict(features=dict(backbone=dict(_delete_=True, type="TimmBackbone", name="resnet10t")))
    ),
)

train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    dataset=dict(
        pipeline=dict(
            crop=dict(aspect=9 / 7),
            colours=dict(
                _delete_=True,
                type="Albumentations",
                transforms=[
                    dict(type="ColorJitter", brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1, p=0.8),
                    dict(type="ToGray", p=0.2),
                ],
            ),
            resize=dict(size=(98, 126), keep_aspect=False),
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
