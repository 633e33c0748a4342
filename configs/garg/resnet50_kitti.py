# python tools/train.py configs/garg/resnet50_kitti.py --cfg-options model.backbone.pretrained=True
#
# Depth from stereo pairs on a timm encoder: ResNet-50 and the DPT head, with the losses of Godard et al., CVPR 2017
# (SSIM with L1, and smoothness that gives way at edges of the image) and AdamW. Batch 8 a process, 20 epochs.
# Expect: not measured here on all of KITTI; docs/stereo.md has a ResNet-18 on 120 real and 600 ray-cast pairs.

_base_ = [
    "../_base_/datasets/kitti_stereo.py",
    "../_base_/schedules/cosine.py",
    "../_base_/default_runtime.py",
]

model = dict(
    type="Estimator",
    backbone=dict(type="TimmBackbone", name="resnet50"),
    head=dict(
        type="DPTHead",
        features=64,
        out_channels=[64, 64, 64, 64],
        output=dict(type="SigmoidDisparity", max_fraction=0.3),
    ),
    losses=dict(
        photometric=dict(type="PhotometricLoss", dissimilarity="ssim_l1", outside="mask"),
        smoothness=dict(type="EdgeAwareSmoothnessLoss", weight=0.1),
    ),
)

optim_wrapper = dict(optimizer=dict(lr=1e-4), paramwise_cfg=dict(decoder_lr_mult=1.0))
train_cfg = dict(max_epochs=20)
