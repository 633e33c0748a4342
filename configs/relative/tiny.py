# python tools/train.py configs/relative/tiny.py --work-dir work_dirs/tiny
#
# mdetools-tiny, its second part, after tiny_first.py: at 128x176, in batches for one GPU.
# Another first part: --cfg-options pretrained.checkpoint=FILE
# Expect: not measured yet; the model that it is to make does not come with mdetools so far.

_base_ = ["./tiny_first.py"]

train_dataloader = dict(batch_size=128, num_workers=14, dataset=dict(pipeline=dict(resize=dict(size=(128, 176)))))
val_dataloader = dict(dataset=dict(pipeline=dict(resize=dict(size=128))))
test_dataloader = val_dataloader

pretrained = dict(checkpoint="work_dirs/tiny_first/epoch_18.pth", encoder_only=False)
train_cfg = dict(max_epochs=40, val_interval=40)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
