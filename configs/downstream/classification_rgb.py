# python tools/train.py configs/downstream/classification_rgb.py --data-root data/classes
#
# A classifier of images alone, to compare the others of this folder with: ResNet-18, with timm's weights by
# model.backbone.pretrained=True. Set model.head.num_classes. Images in a list, such as Miniplaces', are read by
# dict(type="ClassListDataset", split="train.txt", num_classes=100) in place of the ClassFolderDatasets.
# Mixup: model.data_preprocessor.steps.mixup.type=Mixup and model.data_preprocessor.steps.mixup.num_classes=100.
# Expect: not measured here; 30 epochs of 100,000 images take some hours on one GPU. The small ones beside this run on
# a CPU, see docs/downstream.md.

_base_ = [
    "../_base_/models/classifier_resnet18.py",
    "../_base_/datasets/class_folder.py",
    "../_base_/schedules/cosine.py",
    "../_base_/default_runtime.py",
]

train_cfg = dict(max_epochs=30)
optim_wrapper = dict(
    type="AmpOptimWrapper",
    dtype="bf16",
    optimizer=dict(lr=5e-4, weight_decay=0.05),
    paramwise_cfg=dict(decoder_lr_mult=1.0, decay_all=False),
)
default_hooks = dict(checkpoint=dict(best="top1"))
