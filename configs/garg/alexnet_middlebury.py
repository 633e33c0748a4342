# python tools/train.py configs/garg/alexnet_middlebury.py --data-root data/middlebury
#
# The network of Garg et al., ECCV 2016, on Middlebury's pairs, without labels. A few scenes show that pairs in folders
# of their own are read and learned from, nothing more.
# Expect: on 12 scenes, after train_cfg.max_epochs=20 with --amp bf16 (2 CPU minutes), abs_rel 0.300, where the median
# of each scene's own depth has 0.321.

_base_ = [
    "../_base_/models/garg_alexnet.py",
    "../_base_/datasets/middlebury.py",
    "../_base_/schedules/garg.py",
    "../_base_/default_runtime.py",
]

default_hooks = dict(stages=dict(type="CoarseToFineHook", begin=(0.0, 0.2, 0.4, 0.6, 0.8)))
