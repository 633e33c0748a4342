# ScanNet, up to 10 m: `data_root` has the scenes as SensReader exports them, and the benchmark's scannetv2_*.txt.

_base_ = ["./nyu.py"]

train_dataloader = dict(
    dataset=dict(
        type="ScanNetDataset",
        data_root="data/scannet",
        split="scannetv2_train",
        pipeline=dict(depth_range=dict(max_depth=10.0)),
    ),
)
val_dataloader = dict(dataset=dict(type="ScanNetDataset", data_root="data/scannet", split="scannetv2_val"))
test_dataloader = val_dataloader

val_evaluator = dict(protocol=dict(_delete_=True, base="nyu", name="scannet"))
test_evaluator = val_evaluator
