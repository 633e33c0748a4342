# tools/dist_train.sh configs/dav2/vitg_hypersim.py 8 --amp bf16
#
# The giant for metric depth in rooms, up to 20 m; shared out as vitg_nyu.py, batch 2 a process, 120 epochs.
# Expect: not measured here (no pretrained weights).

_base_ = [
    "../_base_/models/dav2_vitg.py",
    "../_base_/datasets/hypersim.py",
    "../_base_/schedules/poly.py",
    "../_base_/default_runtime.py",
    "../_base_/fully_sharded.py",
]

model = dict(backbone=dict(grad_checkpointing=True), head=dict(output=dict(max_depth=20.0)))
train_dataloader = dict(batch_size=2)
train_cfg = dict(max_epochs=120)
