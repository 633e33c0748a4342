# python tools/test.py configs/dav2/vits_da2k.py depth_anything_v2_vits.pth --data-root data/DA-2K
#
# Tests the relative model of vits_relative.py on the point pairs of DA-2K: which of two points is closer.
# Expect: not measured here (no pretrained weights); the paper reports 95.3 % of all pairs for its ViT-S.

_base_ = [
    "../_base_/models/dav2_vits.py",
    "../_base_/datasets/da2k.py",
    "../_base_/schedules/cosine.py",
    "../_base_/default_runtime.py",
]

model = dict(
    head=dict(output=dict(_delete_=True, type="ReluInverseDepth")),
    losses=dict(
        silog=None,
        affine_invariant=dict(type="AffineInvariantLoss", weight=1.0),
        gradient_matching=dict(type="GradientMatchingLoss", weight=2.0),
    ),
)

val_evaluator = dict(protocol="nyu_lstsq_disparity")
