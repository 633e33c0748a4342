# python tools/train.py configs/garg/resnet50_kitti.py --cfg-options model.backbone.pretrained=True
#
# The paper's head and training on a ResNet-50, with the losses of Godard et al., CVPR 2017: SSIM with L1, and
# smoothness that gives way at edges of the image.
# Expect: not measured here.

_base_ = ["./alexnet_kitti.py"]

model = dict(
    data_preprocessor=dict(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
    backbone=dict(_delete_=True, type="TimmBackbone", name="resnet50"),
    losses=dict(
        photometric=dict(dissimilarity="ssim_l1", weight=1.0),
        smoothness=dict(_delete_=True, type="EdgeAwareSmoothnessLoss", weight=0.1),
    ),
)
