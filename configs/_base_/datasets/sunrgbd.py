# SUN RGB-D, up to 10 m: `data_root` has SUNRGBD and SUNRGBDtoolbox. Depth is as measured; depth_source=filled takes the
# in-painted one.

_base_ = ["./nyu.py"]

train_dataloader = dict(
    dataset=dict(
        type="SUNRGBDDataset", data_root="data/sunrgbd", split="train", pipeline=dict(depth_range=dict(max_depth=10.0))
    ),
)
val_dataloader = dict(dataset=dict(type="SUNRGBDDataset", data_root="data/sunrgbd", split="test"))
test_dataloader = val_dataloader

val_evaluator = dict(protocol=dict(_delete_=True, base="nyu", name="sunrgbd"))
test_evaluator = val_evaluator
