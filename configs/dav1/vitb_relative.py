# python tools/test.py configs/dav1/vitb_relative.py depth_anything_vitb14.pth
#
# Depth Anything V1 Base's relative model, on the data of dav2/vits_nyu.py; its published weights load as they are.
# Trained from the start it is relative/student_v1_vitb.py.
# Expect: not measured here (no pretrained weights).

_base_ = ["./vits_relative.py"]

model = dict(
    backbone=dict(arch="vitb"),
    head=dict(features=128, out_channels=[96, 192, 384, 768]),
)
