_base_ = ["./base.py"]

model = dict(
    type="Estimator",
    flip_test="mean",
    backbone=dict(type="ConvBackbone"),
    head=dict(type="DenseHead", quantity="normals", channels=3),
    losses=dict(normals=dict(type="NormalsLoss")),
)
train_dataloader = dict(dataset=dict(keys=["normals", "intrinsics"]))
val_dataloader = dict(dataset=dict(keys=["normals"]))
test_dataloader = val_dataloader
val_evaluator = dict(type="AngularError")
test_evaluator = val_evaluator
default_hooks = dict(checkpoint=dict(best="angle"))
