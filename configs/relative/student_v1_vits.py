# python tools/train.py configs/relative/student_v1_vits.py --cfg-options pretrained.checkpoint=dinov2_vits14.pth
# model.data_preprocessor.steps.features.checkpoint=dinov2_vits14.pth
# model.data_preprocessor.steps.pseudo_labels.checkpoint=work_dirs/teacher_vitl/best_abs_rel.pth
#
# Depth Anything V1's student, Small: labelled images and unlabelled ones, 1 : 2, which teacher_vitl.py labels on the
# fly (or files do, see _base_/datasets/relative_mixed.py); strong colours and CutMix on the unlabelled; features that
# stay near DINOv2's; AdamW; one pass over the unlabelled images.
# Expect: not measured here (no pretrained weights); student_v1_small.py is the same from a small teacher's encoder.

_base_ = [
    "../_base_/models/relative_v1_student_vits.py",
    "../_base_/datasets/relative_mixed.py",
    "../_base_/schedules/linear.py",
    "../_base_/default_runtime.py",
]

train_cfg = dict(max_epochs=1)
