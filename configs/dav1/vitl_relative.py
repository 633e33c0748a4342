# python tools/test.py configs/dav1/vitl_relative.py depth_anything_vitl14.pth
#
# Depth Anything V1 Large's relative model, on the data of dav2/vits_nyu.py; its published weights load as they are.
# Trained from the start it is relative/student_v1_vitl.py.
# Expect: not measured here (no pretrained weights).

_base_ = ["./vits_relative.py"]

model = dict(
    backbone=dict(arch="vitl", out_indices=(20, 21, 22, 23)),
    head=dict(features=256, out_channels=[256, 512, 1024, 1024]),
)
