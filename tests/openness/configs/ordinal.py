# Point pairs, and two metrics of one evaluator: depth under a protocol of one's own, and the order of pairs.
_base_ = ["./base.py"]

_keys = ["depth", "valid_mask", "point_pairs"]
model = dict(
    type="Estimator",
    backbone=dict(type="ConvBackbone"),
    head=dict(type="DPTHead", features=8, out_channels=[8, 8, 8, 8], output=dict(type="SigmoidDepth", max_depth=10.0)),
    losses=dict(silog=dict(type="SiLogLoss")),
)
train_dataloader = dict(dataset=dict(keys=_keys))
val_dataloader = dict(dataset=dict(keys=_keys))
test_dataloader = val_dataloader
val_evaluator = [
    dict(type="DepthMetric", protocol=dict(base="nyu", name="near", max_depth=5.0), prefix="near"),
    dict(type="OrdinalAccuracy"),
]
test_evaluator = val_evaluator
default_hooks = dict(checkpoint=dict(best="near/d1"))
