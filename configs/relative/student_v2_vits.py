# python tools/train.py configs/relative/student_v2_vits.py --cfg-options pretrained.checkpoint=dinov2_vits14.pth
# model.data_preprocessor.steps.features.checkpoint=dinov2_vits14.pth
#
# Depth Anything V2's student, Small: pseudo-labels of real images alone, which tools/pseudo_label.py has written; the
# losses of its teacher, and features that stay near DINOv2's. The article's batch of 192 is 24 a process on 8 of them,
# and its 480,000 iterations are 1.5 passes over 62 million images. Without DINOv2's weights:
# model.data_preprocessor.steps.features=None model.losses.features=None
# Expect: not measured here (no pretrained weights); student_v2_small.py is the same from a small teacher's encoder.

_base_ = [
    "../_base_/models/relative_student_vits.py",
    "../_base_/datasets/relative_unlabelled.py",
    "../_base_/schedules/relative.py",
    "../_base_/default_runtime.py",
]

train_dataloader = dict(batch_size=24)
train_cfg = dict(max_epochs=2)
