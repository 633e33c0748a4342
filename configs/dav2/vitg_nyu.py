# tools/dist_train.sh configs/dav2/vitg_nyu.py 8 --amp bf16
#
# The giant for metric depth on NYU Depth V2. Its 1.3 billion weights, gradients and moments are shared out between the
# processes, in float32 21 GB over all of them, and each block is recomputed in the backward pass: batch 2 a process.
# Expect: not measured here (no pretrained weights).

_base_ = [
    "../_base_/models/dav2_vitg.py",
    "../_base_/datasets/nyu.py",
    "../_base_/schedules/cosine.py",
    "../_base_/default_runtime.py",
    "../_base_/fully_sharded.py",
]

model = dict(backbone=dict(grad_checkpointing=True))
train_dataloader = dict(batch_size=2)
