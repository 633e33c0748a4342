# python tools/train.py configs/relative/teacher_vits.py --cfg-options pretrained.checkpoint=dinov2_vits14.pth
#
# Depth Anything V2's teacher, Small: labelled ray-cast rooms and streets, affine-invariant loss (without the 10 %
# largest errors of each map) + 2 x gradient matching, Adam, encoder 5e-6, decoder 5e-5, linear decay. Its batch of 64
# is 8 a process on 8 of them; on fewer, train_dataloader.batch_size=64, or optim_wrapper.accumulative_counts=8. Its
# 160,000 iterations are 17 epochs of its five data sets, see teacher_vitl_five_sets.py.
# Expect: not measured here (no pretrained weights); teacher_small.py is the same from random weights.

_base_ = [
    "../_base_/models/relative_vits.py",
    "../_base_/datasets/relative_labelled.py",
    "../_base_/schedules/relative.py",
    "../_base_/default_runtime.py",
]
