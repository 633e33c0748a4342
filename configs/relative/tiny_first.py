# tools/dist_train.sh configs/relative/tiny_first.py 2
#
# The first part of mdetools-tiny, whose second is tiny.py: relative inverse depth by a residual network of 4.7 million
# parameters, from random weights, on ray-cast worlds alone, at 64x88, on two cores. The data:
#   python tools/make_synthetic.py worlds data/worlds --size 144x200 --train 20000 --val 300 --seed 2 --kinds \
#       interior=0.42 closeup=0.22 drive=0.2 ground=0.16
# Expect: docs/mdetools_tiny.md; 50 minutes on two cores.

_base_ = ["./tiny.py"]

train_dataloader = dict(
    batch_size=16,  # of each of two processes
    num_workers=1,
    dataset=dict(
        datasets=dict(
            worlds=dict(
                pipeline=dict(
                    crop=dict(_delete_=True, type="RandomAspectCrop", aspect=11 / 8),
                    resize=dict(size=(64, 88)),
                ),
            ),
            rooms=None,
        ),
    ),
)
val_dataloader = dict(dataset=dict(pipeline=dict(resize=dict(size=64))))
test_dataloader = val_dataloader

pretrained = None

train_cfg = dict(max_epochs=18, val_interval=6)
optim_wrapper = dict(optimizer=dict(lr=1.5e-3))
default_hooks = dict(checkpoint=dict(interval_iters=200))
