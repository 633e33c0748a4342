# IRS, up to 20 m: `data_root` has Home, Office, Restaurant and Store, and the folder `lists` of its repository.

_base_ = ["./nyu.py"]

train_dataloader = dict(
    dataset=dict(
        type="IRSDataset",
        data_root="data/irs/IRSDataset",
        split="irs_train",
        pipeline=dict(depth_range=dict(max_depth=20.0)),
    ),
)
val_dataloader = dict(dataset=dict(type="IRSDataset", data_root="data/irs/IRSDataset", split="irs_test"))
test_dataloader = val_dataloader

val_evaluator = dict(protocol=dict(_delete_=True, base="nyu", name="irs", max_depth=20.0, silog="kitti"))
test_evaluator = val_evaluator
