model = dict(
    type="Estimator",
    backbone=dict(type="DINOv2", arch="vits"),
    head=dict(
        type="DPTHead",
        features=64,
        out_channels=[48, 96, 192, 384],
        output=dict(type="SigmoidDepth", max_depth=10.0),
    ),
    losses=dict(silog=dict(type="SiLogLoss", lam=0.5)),
)
