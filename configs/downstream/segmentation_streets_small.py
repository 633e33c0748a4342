# python tools/train.py configs/downstream/segmentation_streets_small.py --cfg-options pretrained.checkpoint=FILE
#
# The 13 classes of ray-cast streets, Cityscapes' as far as there are such things, as segmentation_rooms_small.py. The
# data:
#   python tools/make_synthetic.py segmentation data/street_classes --scenes streets --size 96x192 --train 200 \
#       --val 100 --seed 11
# Expect: not measured here.

_base_ = ["./segmentation_rooms_small.py"]

model = dict(head=dict(num_outputs=13))

_streets = dict(data_root="data/street_classes", pipeline=dict(resize=dict(size=(96, 192))))

train_dataloader = dict(dataset=_streets)
val_dataloader = dict(dataset=_streets)
test_dataloader = val_dataloader
