# python tools/test.py configs/dav1/vits_relative.py depth_anything_vits14.pth
#
# Depth Anything V1 Small's relative model, on the data of dav2/vits_nyu.py; its published weights load as they are.
# Trained
# from the start it is relative/student_v1_vits.py.
# Expect: not measured here (no pretrained weights).

_base_ = ["../dav2/vits_relative.py"]

model = dict(backbone=dict(out_indices=(8, 9, 10, 11)))
