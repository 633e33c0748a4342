# python tools/train.py configs/downstream/segmentation_ade20k_vits.py --cfg-options pretrained.checkpoint=FILE
#
# The 150 classes of ADE20K from the encoder of FILE: depth_anything_v2_vits.pth, dinov2_vits14_pretrain.pth, or any
# depth checkpoint of mdetools with this backbone. Batch 16 a process, 64 epochs of 1263 steps.
# Expect: not measured here (no such data, no pretrained weights). Published for Depth Anything with ViT-L and another
# decoder (Mask2Former): 59.4 mIoU.

_base_ = [
    "../_base_/models/segmentation_vits.py",
    "../_base_/datasets/ade20k.py",
    "../_base_/default_runtime.py",
    "../_base_/schedules/segmentation.py",
]

model = dict(head=dict(num_outputs=150))
train_cfg = dict(max_epochs=64, val_interval=8)
default_hooks = dict(checkpoint=dict(best="mIoU"))
