_base_ = ["mdetools::dav2/vits_nyu.py"]

model = dict(
    _delete_=True,
    type="Estimator",
    backbone=dict(type="TinyBackbone", width=16),
    head=dict(type="TinyHead", max_depth=8.0),
    losses=dict(huber=dict(type="HuberDepthLoss", delta=0.2)),
    data_preprocessor=dict(steps=dict(forget=dict(type="ForgetDepth", share=0.3))),
)

_data = dict(_delete_=True, type="FolderOfFrames", data_root="data/rooms")
_crop = dict(type="RandomShiftCrop", size=(32, 48))
_pack = dict(type="PackSample")
train_dataloader = dict(
    batch_size=2, num_workers=0, dataset=dict(**_data, split="train", pipeline=dict(crop=_crop, pack=_pack))
)
val_dataloader = dict(num_workers=0, dataset=dict(**_data, split="val", pipeline=dict(pack=_pack)))
test_dataloader = val_dataloader

val_evaluator = dict(_delete_=True, type="DepthBias")
test_evaluator = val_evaluator
default_hooks = dict(checkpoint=dict(best="bias"))

optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_epochs=2)
