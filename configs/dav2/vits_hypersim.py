# tools/dist_train.sh configs/dav2/vits_hypersim.py 8 --cfg-options pretrained.checkpoint=depth_anything_v2_vits.pth
#
# Fine-tunes Depth Anything V2 Small for metric depth in rooms, up to 20 m, like the published model: batch 4 a
# process, 120 epochs, crop and flip alone.
# Expect: not measured here (no pretrained weights).

_base_ = [
    "../_base_/models/dav2_vits.py",
    "../_base_/datasets/hypersim.py",
    "../_base_/schedules/poly.py",
    "../_base_/default_runtime.py",
]

model = dict(head=dict(output=dict(max_depth=20.0)))
train_dataloader = dict(batch_size=4)
train_cfg = dict(max_epochs=120)
