# tools/dist_train.sh configs/dav2/vitg_kitti.py 8 --amp bf16
#
# The giant for metric depth on KITTI's LiDAR, up to 80 m; shared out as vitg_nyu.py, batch 2 a process, 10 epochs.
# Expect: not measured here (no pretrained weights).

_base_ = [
    "../_base_/models/dav2_vitg.py",
    "../_base_/datasets/kitti_depth.py",
    "../_base_/schedules/cosine.py",
    "../_base_/default_runtime.py",
    "../_base_/fully_sharded.py",
]

model = dict(backbone=dict(grad_checkpointing=True), head=dict(output=dict(max_depth=80.0)))
train_dataloader = dict(batch_size=2)
