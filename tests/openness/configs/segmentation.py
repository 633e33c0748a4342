_base_ = ["./base.py"]

model = dict(
    type="Estimator",
    backbone=dict(type="ConvBackbone"),
    head=dict(type="DenseHead", quantity="logits", channels=2),
    losses=dict(classes=dict(type="CrossEntropy")),
)
train_dataloader = dict(dataset=dict(keys=["semantic"]))
val_dataloader = dict(dataset=dict(keys=["semantic"]))
test_dataloader = val_dataloader
val_evaluator = dict(type="MeanIoU", classes=2)
test_evaluator = val_evaluator
default_hooks = dict(checkpoint=dict(best="mIoU"))
