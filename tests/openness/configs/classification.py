_base_ = ["./base.py"]

model = dict(
    type="Estimator",
    backbone=dict(type="ConvBackbone"),
    head=dict(type="PoolingHead", classes=2),
    losses=dict(label=dict(type="LabelCrossEntropy")),
)
train_dataloader = dict(dataset=dict(keys=["label"]))
val_dataloader = dict(dataset=dict(keys=["label"]))
test_dataloader = val_dataloader
val_evaluator = dict(type="TopOne")
test_evaluator = val_evaluator
default_hooks = dict(checkpoint=dict(best="top1"))
