# tools/dist_train.sh configs/relative/teacher_vitb.py 8 --cfg-options pretrained.checkpoint=dinov2_vitb14.pth
#
# Depth Anything V2's teacher, Base: as teacher_vits.py, batch 8 a process.
# Expect: not measured here (no pretrained weights).

_base_ = [
    "../_base_/models/relative_vitb.py",
    "../_base_/datasets/relative_labelled.py",
    "../_base_/schedules/relative.py",
    "../_base_/default_runtime.py",
]

train_cfg = dict(max_epochs=20)
