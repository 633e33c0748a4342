# Labelled frames with a camera and photographs that have neither depth nor camera, in one batch.
_base_ = ["./base.py"]

model = dict(
    type="Estimator",
    backbone=dict(type="ConvBackbone"),
    head=dict(type="DPTHead", features=8, out_channels=[8, 8, 8, 8], output=dict(type="SigmoidDepth", max_depth=10.0)),
    losses=dict(silog=dict(type="SiLogLoss")),
)
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type="ConcatDataset",
        datasets=dict(
            frames=dict(
                type="BoxScenes", count=8, keys=["depth", "valid_mask", "intrinsics"], pipeline={{_base_._geometry}}
            ),
            photographs=dict(type="BoxScenes", count=8, seed=5, keys=[], pipeline={{_base_._geometry}}),
        ),
    ),
)
val_dataloader = dict(dataset=dict(keys=["depth", "valid_mask"]))
test_dataloader = val_dataloader
val_evaluator = dict(type="DepthMetric", protocol="nyu")
test_evaluator = val_evaluator
default_hooks = dict(agreement=dict(type="AgreementHook"))
