# TUM RGB-D, up to 10 m. Colour and depth have times of their own; the benchmark's associate.py pairs them, in each
# sequence's folder: `python associate.py rgb.txt depth.txt > associations.txt`. The intrinsics are freiburg1's; of
# freiburg2 they are 520.9, 521.0, 325.1, 249.7, and of freiburg3 535.4, 539.2, 320.1, 247.6. Several sequences are a
# ConcatDataset.

_base_ = ["./rgbd.py"]

train_dataloader = dict(
    dataset=dict(
        data_root="data/tum/rgbd_dataset_freiburg1_room",
        split="associations",
        depth_scale=5000.0,
        intrinsics=[517.3, 516.5, 318.6, 255.3],
    ),
)
val_dataloader = dict(
    dataset=dict(
        data_root="data/tum/rgbd_dataset_freiburg1_desk",
        split="associations",
        depth_scale=5000.0,
        intrinsics=[517.3, 516.5, 318.6, 255.3],
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(protocol=dict(_delete_=True, name="tum", min_depth=1e-3, max_depth=10.0))
test_evaluator = val_evaluator
