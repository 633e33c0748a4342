# python tools/train.py configs/garg/alexnet_own_pairs.py --data-root data/pairs
#
# Single-view depth from your own rectified pairs, without labels: the network and the losses of Garg et al., ECCV 2016,
# at 192x320. Batch 8 a process, 100 epochs. The folders are described in configs/_base_/datasets/stereo_pairs.py.
# Expect: not measured here.

_base_ = [
    "../_base_/models/garg_alexnet.py",
    "../_base_/datasets/stereo_pairs.py",
    "../_base_/schedules/garg.py",
    "../_base_/default_runtime.py",
]

default_hooks = dict(stages=dict(type="CoarseToFineHook", begin=(0.0, 0.2, 0.4, 0.6, 0.8)))
