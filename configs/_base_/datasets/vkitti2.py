# Virtual KITTI 2, up to 80 m, which leaves out the sky: `data_root` has Scene01, Scene02, ..., or a folder per archive.
# It has no official split; Scene02 as it was driven is held out. Depth Anything's published models are trained on all,
# train_dataloader.dataset.split=all, and validated on KITTI.

_base_ = ["./nyu.py"]

train_dataloader = dict(
    dataset=dict(
        type="VKITTI2Dataset",
        data_root="data/vkitti2",
        split=["Scene01", "Scene06", "Scene18", "Scene20"],
        pipeline=dict(photometric=None, noise=None, depth_range=dict(max_depth=80.0)),
    ),
)
val_dataloader = dict(dataset=dict(type="VKITTI2Dataset", data_root="data/vkitti2", split=["Scene02/clone"]))
test_dataloader = val_dataloader

val_evaluator = dict(protocol=dict(_delete_=True, base="nyu", name="vkitti2", max_depth=80.0, silog="kitti"))
test_evaluator = val_evaluator
