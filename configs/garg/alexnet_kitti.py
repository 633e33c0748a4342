# python tools/train.py configs/garg/alexnet_kitti.py
#
# Single-view depth from rectified stereo pairs, without labels: Garg et al., ECCV 2016. Batch 8 a process, 100 epochs.
# Expect: not measured here on all of KITTI; docs/stereo.md has what 120 real and 600 ray-cast pairs give.

_base_ = [
    "../_base_/models/garg_alexnet.py",
    "../_base_/datasets/kitti_stereo.py",
    "../_base_/schedules/garg.py",
    "../_base_/default_runtime.py",
]

# A finer resolution every fifth of the run.
default_hooks = dict(stages=dict(type="CoarseToFineHook", begin=(0.0, 0.2, 0.4, 0.6, 0.8)))
