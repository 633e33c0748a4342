# tools/dist_train.sh configs/relative/tiny.py 2 --work-dir work_dirs/tiny
#
# mdetools-tiny, its second part, after tiny_first.py: more epochs at 128x176, and gradients are matched too.
# Another first part: --cfg-options pretrained.checkpoint=FILE
# Expect: not measured yet; the model that it is to make does not come with mdetools so far.

_base_ = ["./tiny_first.py"]

model = dict(losses=dict(gradient_matching=dict(type="GradientMatchingLoss", weight=0.5)))

train_dataloader = dict(dataset=dict(pipeline=dict(resize=dict(size=(128, 176)))))
val_dataloader = dict(dataset=dict(pipeline=dict(resize=dict(size=(128, 176)))))
test_dataloader = val_dataloader

pretrained = dict(checkpoint="work_dirs/tiny_first/epoch_10.pth", encoder_only=False)
train_cfg = dict(max_epochs=4)
optim_wrapper = dict(optimizer=dict(lr=5e-4))
