# Middlebury's stereo pairs: `data_root` has a folder for each scene, with im0.png, im1.png and disp0.png, uint16 of
# disparity x 256 (the official disp0.pfm: depth="*/disp0.pfm", depth_scale=1.0). Scenes from 2014 on come with a
# calib.txt, which is read. For others there is no camera: with the one below their depth is right up to a factor for
# each scene, which the protocol's median takes out. All scenes train, without their disparity, and all are scored.

_base_ = ["./stereo_pairs.py"]

_scenes = dict(data_root="data/middlebury", split=".", left="*/im0", right="*/im1", focal=1000.0, baseline=0.1)

train_dataloader = dict(batch_size=4, dataset=_scenes)
val_dataloader = dict(dataset=dict(depth="*/disp0.png", **_scenes))
test_dataloader = val_dataloader

val_evaluator = dict(protocol=dict(name="middlebury_median", min_depth=0.1, max_depth=100.0, alignment="median_depth"))
test_evaluator = val_evaluator
