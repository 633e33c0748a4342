# python tools/train.py configs/tiny/own_data.py --data-root data/own
#
# Fine-tunes mdetools-tiny, which comes with mdetools, for metric depth on your own images with depth, in data/own or
# --data-root: on a CPU, whole frames at 128 pixels, 20 epochs. First see what `tools/check_dataset.py
# configs/tiny/own_data.py` says of the data. Scenes beyond 10 m need another max_depth at three places:
# model.head.output.max_depth, train_dataloader.dataset.pipeline.depth_range.max_depth, and the evaluators'
# protocol.max_depth.
# Expect, on 140 frames of a kitchen (docs/your_own_data.md): abs_rel 0.132, 0.42 of the constant predictor's 0.314;
# one minute of training on two CPU cores.

_base_ = [
    "../_base_/models/tiny_depth.py",
    "../_base_/datasets/rgbd.py",
    "../_base_/schedules/tiny.py",
    "../_base_/tiny_runtime.py",
]

_size = dict(resize=dict(size=128, multiple_of=16))

train_dataloader = dict(batch_size=8, num_workers=2, dataset=dict(pipeline=dict(crop=None, **_size)))
val_dataloader = dict(num_workers=2, dataset=dict(pipeline=_size))
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=20, val_interval=20)
