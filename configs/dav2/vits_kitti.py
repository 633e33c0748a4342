# python tools/train.py configs/dav2/vits_kitti.py --cfg-options pretrained.checkpoint=depth_anything_v2_vits.pth
#
# Fine-tunes Depth Anything V2 Small for metric depth on KITTI's LiDAR, up to 80 m.
# Expect: not measured here.

_base_ = [
    "../_base_/models/dav2_vits.py",
    "../_base_/datasets/kitti_depth.py",
    "../_base_/schedules/cosine.py",
    "../_base_/default_runtime.py",
]

model = dict(head=dict(output=dict(max_depth=80.0)))
