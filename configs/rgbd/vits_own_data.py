# python tools/train.py configs/rgbd/vits_own_data.py --cfg-options pretrained.checkpoint=depth_anything_v2_vits.pth
#
# Fine-tunes Depth Anything V2 Small for metric depth on your own images with depth, in data/own or --data-root: batch
# 11 a process, 10 epochs. First see what `tools/check_dataset.py configs/rgbd/vits_own_data.py` says of the data.
# Scenes beyond 10 m need another max_depth at three places: model.head.output.max_depth,
# train_dataloader.dataset.pipeline.depth_range.max_depth, and the evaluators' protocol.max_depth.
# Expect: not measured here (no pretrained weights).

_base_ = [
    "../_base_/models/dav2_vits.py",
    "../_base_/datasets/rgbd.py",
    "../_base_/schedules/cosine.py",
    "../_base_/default_runtime.py",
]
