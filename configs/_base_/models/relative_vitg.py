_base_ = ["./relative_vits.py"]

model = dict(
    backbone=dict(arch="vitg"),
    head=dict(features=384, out_channels=[1536, 1536, 1536, 1536]),
)
