_base_ = ["./tiny.py"]

model = dict(
    backbone=dict(type="mdetools_example_plugin.backbone.TinyBackbone"),
    head=dict(type="mdetools_example_plugin.head.TinyHead"),
    losses=dict(huber=dict(type="mdetools_example_plugin.loss.HuberDepthLoss")),
    data_preprocessor=dict(steps=dict(forget=dict(type="mdetools_example_plugin.step.ForgetDepth"))),
)
_data = dict(type="mdetools_example_plugin.dataset.FolderOfFrames")
_crop = dict(type="mdetools_example_plugin.transform.RandomShiftCrop")
train_dataloader = dict(dataset=dict(**_data, pipeline=dict(crop=_crop)))
val_dataloader = dict(dataset=_data)
test_dataloader = val_dataloader
val_evaluator = dict(type="mdetools_example_plugin.metric.DepthBias")
test_evaluator = val_evaluator
