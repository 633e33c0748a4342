# python tools/train.py configs/downstream/segmentation_cityscapes_vits.py --cfg-options pretrained.checkpoint=FILE
#
# The 19 classes of Cityscapes from the encoder of FILE: depth_anything_v2_vits.pth, dinov2_vits14_pretrain.pth, or any
# depth checkpoint of mdetools with this backbone. Batch 8 a process, 100 epochs of 371 steps. At full resolution, in
# windows as large as those of the training, and averaged over sizes and the mirrored image:
#   python tools/test.py configs/downstream/segmentation_cityscapes_vits.py CHECKPOINT --flip mean --cfg-options \
#       test_dataloader.dataset.pipeline.resize.size=1022 model.window_test.size=518 model.scale_test=[0.75,1,1.25]
# Expect: not measured here (no such data, no pretrained weights). Published for Depth Anything with ViT-L and another
# decoder (Mask2Former): 86.2 mIoU.

_base_ = [
    "../_base_/models/segmentation_vits.py",
    "../_base_/datasets/cityscapes.py",
    "../_base_/default_runtime.py",
    "../_base_/schedules/segmentation.py",
]

default_hooks = dict(checkpoint=dict(best="mIoU"))
