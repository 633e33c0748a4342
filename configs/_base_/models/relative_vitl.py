_base_ = ["./relative_vits.py"]

model = dict(
    backbone=dict(arch="vitl"),
    head=dict(features=256, out_channels=[256, 512, 1024, 1024]),
)
