# BlendedMVS: `data_root` has the projects, and the repository's `project_lists/*.txt`. Its depth has no unit: take it
# for relative models, with evaluation aligned.

_base_ = ["./nyu.py"]

train_dataloader = dict(
    dataset=dict(
        type="BlendedMVSDataset",
        data_root="data/blendedmvs",
        split="BlendedMVS_training",
        pipeline=dict(depth_range=None),
    ),
)
val_dataloader = dict(dataset=dict(type="BlendedMVSDataset", data_root="data/blendedmvs", split="validation_list"))
test_dataloader = val_dataloader

val_evaluator = dict(
    protocol=dict(
        _delete_=True, base="nyu_lstsq_disparity", name="blendedmvs_lstsq_disparity", min_depth=1e-6, max_depth=1e6
    )
)
test_evaluator = val_evaluator
