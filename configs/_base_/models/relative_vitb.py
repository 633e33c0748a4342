_base_ = ["./relative_vits.py"]

model = dict(
    backbone=dict(arch="vitb"),
    head=dict(features=128, out_channels=[96, 192, 384, 768]),
)
