# python tools/train.py configs/dav2/vits_nyu.py --cfg-options pretrained.checkpoint=depth_anything_v2_vits.pth
#
# Fine-tunes Depth Anything V2 Small for metric depth on NYU Depth V2: batch 11 a process, 10 epochs.
# Expect: not measured here (no pretrained weights).

_base_ = [
    "../_base_/models/dav2_vits.py",
    "../_base_/datasets/nyu.py",
    "../_base_/schedules/cosine.py",
    "../_base_/default_runtime.py",
]
