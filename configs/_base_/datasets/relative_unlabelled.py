# Images without labels, and pseudo-labels for them by `python tools/pseudo_label.py CONFIG CKPT data/photos
# data/photos_labels`, as Depth Anything V2 trains its students. The sets of the article (BDD100K, Google Landmarks,
# ImageNet-21K, LSUN, Objects365, Open Images V7, Places365, SA-1B: 62 million images) are folders as well; a
# ConcatDataset of several has a name for each.

_base_ = ["./image_folder.py", "./relative_validation.py"]

train_dataloader = dict(
    dataset=dict(
        labels="data/photos_labels",
        pipeline=dict(clean=None, colours=None),  # "not necessary", say the authors of V2, for S and B
    ),
)
