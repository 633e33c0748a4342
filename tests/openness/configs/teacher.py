# Photographs alone; a frozen teacher writes the depth, and CutMix mixes the batch.
_base_ = ["./base.py"]

_network = dict(
    type="Estimator",
    backbone=dict(type="ConvBackbone"),
    head=dict(type="DPTHead", features=8, out_channels=[8, 8, 8, 8], output=dict(type="SigmoidDepth", max_depth=10.0)),
)
model = dict(
    **_network,
    losses=dict(silog=dict(type="SiLogLoss")),
    data_preprocessor=dict(
        steps=dict(
            teacher=dict(type="FrozenTeacher", model=_network, checkpoint="teacher.pth"), mix=dict(type="CutMix")
        )
    ),
)
train_dataloader = dict(dataset=dict(keys=[]))
val_dataloader = dict(dataset=dict(keys=["depth", "valid_mask"]))
test_dataloader = val_dataloader
val_evaluator = dict(type="DepthMetric", protocol="nyu")
test_evaluator = val_evaluator
default_hooks = dict(
    checkpoint=dict(best="abs_rel"),
    ema=dict(type="EMAHook", ema_type="ExponentialMovingAverage", momentum=0.1),
    agreement=dict(type="AgreementHook"),
)
