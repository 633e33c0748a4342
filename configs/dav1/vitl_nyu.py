# tools/dist_train.sh configs/dav1/vitl_nyu.py 8 --cfg-options pretrained.checkpoint=depth_anything_vitl14.pth
#
# Fine-tunes Depth Anything V1 Large for metric depth on NYU Depth V2: as dav2/vitl_nyu.py, from the last four blocks.
# The metric models that V1's authors published are ZoeDepth's, which this is not.
# Expect: not measured here (no pretrained weights).

_base_ = ["../dav2/vitl_nyu.py"]

model = dict(backbone=dict(out_indices=(20, 21, 22, 23)))
