# Hypersim, up to 20 m: `data_root` has the scenes (ai_001_001, ...) and the official table of splits,
# metadata_images_split_scene_v1.csv; split=<list> reads Depth Anything's lists of paths. As for its models the
# images are the previews, and one camera stands for all scenes; image=hdf5 maps the tones itself, and
# cameras=metadata_camera_parameters.csv gives each scene its own.

_base_ = ["./nyu.py"]

train_dataloader = dict(
    dataset=dict(
        type="HypersimDataset",
        data_root="data/hypersim",
        split="train",
        image="preview",
        pipeline=dict(photometric=None, noise=None, depth_range=dict(max_depth=20.0)),
    ),
)
val_dataloader = dict(dataset=dict(type="HypersimDataset", data_root="data/hypersim", split="val", image="preview"))
test_dataloader = dict(dataset=dict(type="HypersimDataset", data_root="data/hypersim", split="test", image="preview"))

val_evaluator = dict(protocol=dict(_delete_=True, base="nyu", name="hypersim", max_depth=20.0, silog="kitti"))
test_evaluator = val_evaluator
