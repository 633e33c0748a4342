# Inverse depth of unknown scale and shift, with the losses of Depth Anything V2: "L_ssi + 2 L_gm of MiDaS". Both terms
# align by least squares, to targets of 0..1, which the article and its authors' answers say of the first term; of the
# second they do not say it. The affine-invariant L1 of V1, which the articles call by the same name, is
# model.losses.scale_shift_invariant.type=AffineInvariantLoss (without unit_target).

_base_ = ["./dav2_vits.py"]

model = dict(
    head=dict(output=dict(_delete_=True, type="ReluInverseDepth")),
    losses=dict(
        silog=None,
        scale_shift_invariant=dict(type="ScaleShiftInvariantLoss", weight=1.0, trim=0.1, unit_target=True),
        gradient_matching=dict(type="GradientMatchingLoss", weight=2.0, alignment="least_squares", unit_target=True),
    ),
)
