# A class per pixel in a folder: data/classes/images/{train,val}/** with data/classes/semantic/{train,val}/** by the
# same names, and data/classes/classes.txt, see docs/data.md. Windows of half to all of the image's height are taken.

_base_ = ["../loaders.py"]

train_dataloader = dict(
    batch_size=8,
    dataset=dict(
        type="SegmentationFolderDataset",
        data_root="data/classes",
        split="train",
        pipeline=dict(
            crop=dict(type="RandomAspectCrop", aspect=1.0),
            zoom=dict(type="RandomZoom", zoom=(1.0, 2.0)),
            flip=dict(type="RandomHorizontalFlip", prob=0.5),
            photometric=dict(
                type="Albumentations",
                transforms=[dict(type="ColorJitter", brightness=0.3, contrast=0.3, saturation=0.3, hue=0.05, p=0.8)],
            ),
            resize=dict(type="Resize", size=518, multiple_of=14, interpolation="area"),
            pack=dict(type="PackSample"),
        ),
    ),
)

val_dataloader = dict(
    dataset=dict(
        type="SegmentationFolderDataset",
        data_root="data/classes",
        split="val",
        pipeline=dict(
            resize=dict(type="Resize", size=518, multiple_of=14, resize_depth=False, interpolation="area"),
            pack=dict(type="PackSample"),
        ),
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(type="SegmentationMetric")
test_evaluator = val_evaluator
