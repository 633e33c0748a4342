# tools/dist_train.sh configs/dav2/vitb_kitti.py 8 --cfg-options pretrained.checkpoint=depth_anything_v2_vitb.pth
#
# Fine-tunes Depth Anything V2 Base for metric depth on KITTI's LiDAR, up to 80 m: batch 8 a process, 10 epochs.
# Expect: not measured here (no pretrained weights).

_base_ = [
    "../_base_/models/dav2_vitb.py",
    "../_base_/datasets/kitti_depth.py",
    "../_base_/schedules/cosine.py",
    "../_base_/default_runtime.py",
]

model = dict(head=dict(output=dict(max_depth=80.0)))
