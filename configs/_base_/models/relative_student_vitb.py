_base_ = ["./relative_student_vits.py"]

model = dict(
    backbone=dict(arch="vitb"),
    head=dict(features=128, out_channels=[96, 192, 384, 768]),
    data_preprocessor=dict(steps=dict(features=dict(backbone=dict(arch="vitb")))),
)
