# DIODE, up to 80 m: `data_root` has `train` and `val`. For rooms alone split=train/indoors and split=val/indoors, and
# caps of 10 m.

_base_ = ["./nyu.py"]

train_dataloader = dict(
    dataset=dict(
        type="DIODEDataset", data_root="data/diode", split="train", pipeline=dict(depth_range=dict(max_depth=80.0))
    ),
)
val_dataloader = dict(dataset=dict(type="DIODEDataset", data_root="data/diode", split="val"))
test_dataloader = val_dataloader

val_evaluator = dict(protocol=dict(_delete_=True, base="nyu", name="diode_80", max_depth=80.0, silog="kitti"))
test_evaluator = val_evaluator
