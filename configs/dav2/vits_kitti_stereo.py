# python tools/train.py configs/dav2/vits_kitti_stereo.py --cfg-options pretrained.checkpoint=depth_anything_v2_vits.pth
#
# Depth Anything V2 Small learns depth from stereo pairs without labels: SSIM with L1, and smoothness that gives way at
# edges of the image (Godard et al., CVPR 2017).
# Expect: not measured here.

_base_ = [
    "../_base_/models/dav2_vits.py",
    "../_base_/datasets/kitti_stereo.py",
    "../_base_/schedules/cosine.py",
    "../_base_/default_runtime.py",
]

model = dict(
    head=dict(output=dict(_delete_=True, type="SigmoidDisparity", max_fraction=0.3)),
    losses=dict(
        silog=None,
        photometric=dict(type="PhotometricLoss", dissimilarity="ssim_l1", outside="mask"),
        smoothness=dict(type="EdgeAwareSmoothnessLoss", weight=0.1),
    ),
)

# Sides that patches of 14 pixels fill, at about KITTI's aspect.
train_dataloader = dict(dataset=dict(pipeline=dict(resize=dict(size=(196, 644)))))
val_dataloader = dict(dataset=dict(pipeline=dict(resize=dict(size=(196, 644)))))
test_dataloader = val_dataloader
