# Inverse depth of unknown scale and shift, with the losses of Depth Anything V2: "L_ssi + 2 L_gm of MiDaS", without the
# largest tenth of the first one's errors in each map. MiDaS has two of that name. Here it is the one by median and mean
# absolute deviation, as in V1. That by least squares, which an author's answer points to, is
# model.losses.affine_invariant.type=ScaleShiftInvariantLoss model.losses.affine_invariant.unit_target=True
# (and model.losses.gradient_matching.alignment=least_squares model.losses.gradient_matching.unit_target=True): it is as
# content with a map that grows away from the camera, so that a decoder of random weights may learn that one.

_base_ = ["./dav2_vits.py"]

model = dict(
    head=dict(output=dict(_delete_=True, type="ReluInverseDepth")),
    losses=dict(
        silog=None,
        affine_invariant=dict(type="AffineInvariantLoss", weight=1.0, trim=0.1),
        gradient_matching=dict(type="GradientMatchingLoss", weight=2.0),
    ),
)
