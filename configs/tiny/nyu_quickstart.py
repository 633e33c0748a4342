# bash tools/quickstart.sh
#
# mdetools-tiny, which knows relative depth, learns metres: from 2000 ray-cast rooms, whole frames at 128x176, no colour
# augmentation. It shows that all works, not what the method can do.
# Expect: abs_rel 0.128, 0.31 of the constant predictor's 0.418; 2.5 minutes of training on two CPU cores. From random
# weights the same network reaches 0.172, the first four blocks of a ViT-S (dav2/vits_nyu_quickstart.py) 0.231.

_base_ = [
    "../_base_/models/tiny_depth.py",
    "../_base_/datasets/nyu.py",
    "../_base_/schedules/tiny.py",
    "../_base_/tiny_runtime.py",
]

_size = dict(resize=dict(size=128, multiple_of=16))

train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    dataset=dict(data_root="data/nyu_quickstart", pipeline=dict(crop=None, photometric=None, noise=None, **_size)),
)
val_dataloader = dict(num_workers=2, dataset=dict(data_root="data/nyu_quickstart", pipeline=_size))
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=4, val_interval=4)
