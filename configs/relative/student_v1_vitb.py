# tools/dist_train.sh configs/relative/student_v1_vitb.py 8 --cfg-options pretrained.checkpoint=dinov2_vitb14.pth
# model.data_preprocessor.steps.features.checkpoint=dinov2_vitb14.pth
# model.data_preprocessor.steps.pseudo_labels.checkpoint=work_dirs/teacher_vitl/best_abs_rel.pth
#
# Depth Anything V1's student, Base: as student_v1_vits.py.
# Expect: not measured here (no pretrained weights).

_base_ = [
    "../_base_/models/relative_v1_student_vitb.py",
    "../_base_/datasets/relative_mixed.py",
    "../_base_/schedules/linear.py",
    "../_base_/default_runtime.py",
]

train_cfg = dict(max_epochs=1)
