# tools/dist_train.sh configs/dav2/vitb_vkitti2.py 8 --cfg-options pretrained.checkpoint=depth_anything_v2_vitb.pth
#
# Fine-tunes Depth Anything V2 Base for metric depth on streets, up to 80 m, like the published model: batch 4 a
# process, 120 epochs, crop and flip alone.
# Expect: not measured here (no pretrained weights).

_base_ = [
    "../_base_/models/dav2_vitb.py",
    "../_base_/datasets/vkitti2.py",
    "../_base_/schedules/poly.py",
    "../_base_/default_runtime.py",
]

model = dict(head=dict(output=dict(max_depth=80.0)))
train_dataloader = dict(batch_size=4)
train_cfg = dict(max_epochs=120)
