# tools/dist_train.sh configs/downstream/segmentation_cityscapes_vitl.py 8 --cfg-options pretrained.checkpoint=FILE
#
# As segmentation_cityscapes_vits.py, from the encoder of depth_anything_v2_vitl.pth or dinov2_vitl14_pretrain.pth.
# Expect: not measured here (no such data, no pretrained weights). Published for Depth Anything with another decoder
# (Mask2Former): 86.2 mIoU.

_base_ = ["./segmentation_cityscapes_vits.py"]

model = dict(
    backbone=dict(arch="vitl"),
    head=dict(features=256, out_channels=[256, 512, 1024, 1024]),
)
