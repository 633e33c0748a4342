# Images in a folder per class, `data/classes/<train|val>/<class>/**`, brought to one size. With `depth` they have depth
# beside them: a folder with the same tree, of metres or of what tools/pseudo_label.py wrote (`depth_kind`).

_base_ = ["../loaders.py"]

_resize = dict(type="Resize", size=(224, 224), multiple_of=1, keep_aspect=False, interpolation="area")

train_dataloader = dict(
    batch_size=64,
    dataset=dict(
        type="ClassFolderDataset",
        data_root="data/classes",
        split="train",
        pipeline=dict(
            zoom=dict(type="RandomZoom", zoom=(1.0, 1.5)),
            flip=dict(type="RandomHorizontalFlip", prob=0.5),
            resize=_resize,
            colours=dict(type="RandAugment", count=2, magnitude=7.0),
            pack=dict(type="PackSample"),
        ),
    ),
)

val_dataloader = dict(
    batch_size=64,
    dataset=dict(
        type="ClassFolderDataset",
        data_root="data/classes",
        split="val",
        pipeline=dict(resize=dict(resize_depth=False, **_resize), pack=dict(type="PackSample")),
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(type="ClassificationMetric")
test_evaluator = val_evaluator
