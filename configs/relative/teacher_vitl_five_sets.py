# tools/dist_train.sh configs/relative/teacher_vitl_five_sets.py 8 --cfg-options pretrained.checkpoint=dinov2_vitl14.pth
#
# Depth Anything V2's teacher on the article's data: five synthetic sets, batch 8 a process on 8 of them, 17 epochs:
# 160,000 iterations. The article's teacher is ViT-g: teacher_vitg.py with this data.
# Expect: not measured here (neither the data nor pretrained weights); the article's table 5 has its figures.

_base_ = [
    "../_base_/models/relative_vitl.py",
    "../_base_/datasets/relative_five_sets.py",
    "../_base_/schedules/relative.py",
    "../_base_/default_runtime.py",
]

train_cfg = dict(max_epochs=17)
