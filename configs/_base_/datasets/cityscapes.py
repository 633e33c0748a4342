# Cityscapes' fine annotations: the archives leftImg8bit_trainvaltest.zip and gtFine_trainvaltest.zip in one folder.
# Windows of 512 to 1024 of an image's 1024 rows become 518; whole images of 1024x2048 are scored at 518x1036.

_base_ = ["./segmentation.py"]

_cityscapes = dict(type="CityscapesDataset", data_root="data/cityscapes")

train_dataloader = dict(dataset=_cityscapes)
val_dataloader = dict(dataset=_cityscapes)
test_dataloader = val_dataloader
