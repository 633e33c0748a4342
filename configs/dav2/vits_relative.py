# python tools/train.py configs/dav2/vits_relative.py --cfg-options pretrained.checkpoint=depth_anything_v2_vits.pth
#
# The relative model: inverse depth of unknown scale and shift, trained with the affine-invariant and the gradient
# matching loss, 1 : 2, on the data of vits_nyu.py. Evaluation aligns by least squares in inverse depth.
# Expect: not measured here (no pretrained weights).

_base_ = ["./vits_nyu.py"]

model = dict(
    head=dict(output=dict(_delete_=True, type="ReluInverseDepth")),
    losses=dict(
        silog=None,
        affine_invariant=dict(type="AffineInvariantLoss", weight=1.0),
        gradient_matching=dict(type="GradientMatchingLoss", weight=2.0),
    ),
)

val_evaluator = dict(protocol="nyu_lstsq_disparity")
test_evaluator = val_evaluator
