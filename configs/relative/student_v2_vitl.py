# tools/dist_train.sh configs/relative/student_v2_vitl.py 8 --cfg-options pretrained.checkpoint=dinov2_vitl14.pth
# model.data_preprocessor.steps.features.checkpoint=dinov2_vitl14.pth
#
# Depth Anything V2's student, Large: as student_v2_vits.py, batch 24 a process.
# Expect: not measured here (no pretrained weights).

_base_ = [
    "../_base_/models/relative_student_vitl.py",
    "../_base_/datasets/relative_unlabelled.py",
    "../_base_/schedules/relative.py",
    "../_base_/default_runtime.py",
]

train_dataloader = dict(batch_size=24)
train_cfg = dict(max_epochs=2)
