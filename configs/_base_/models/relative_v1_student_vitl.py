_base_ = ["./relative_v1_student_vits.py"]

model = dict(
    backbone=dict(arch="vitl"),
    head=dict(features=256, out_channels=[256, 512, 1024, 1024]),
    data_preprocessor=dict(steps=dict(features=dict(backbone=dict(arch="vitl")))),
)
