# tools/dist_train.sh configs/dav1/vits_kitti.py 8 --cfg-options pretrained.checkpoint=depth_anything_vits14.pth
#
# Fine-tunes Depth Anything V1 Small for metric depth on KITTI's LiDAR, up to 80 m: as
# dav2/vits_kitti.py, from the last four blocks.
# The metric models that V1's authors published are ZoeDepth's, which this is not.
# Expect: not measured here (no pretrained weights).

_base_ = ["../dav2/vits_kitti.py"]

model = dict(backbone=dict(out_indices=(8, 9, 10, 11)))
