# ADE20K's 150 classes: ADEChallengeData2016.zip, unpacked.

_base_ = ["./segmentation.py"]

_ade20k = dict(type="ADE20KDataset", data_root="data/ADEChallengeData2016")

train_dataloader = dict(batch_size=16, dataset=_ade20k)
val_dataloader = dict(dataset=_ade20k)
test_dataloader = val_dataloader
