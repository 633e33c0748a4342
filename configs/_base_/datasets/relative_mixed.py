# Labelled images and twice as many without labels in each batch, as Depth Anything V1 trains its student; an epoch is
# one pass over those without. They get their labels from a teacher in the batch step `pseudo_labels`, or from files:
# train_dataloader.dataset.datasets.unlabelled.labels=DIR and model.data_preprocessor.steps.pseudo_labels=None

_base_ = ["./relative_labelled.py"]

train_dataloader = dict(
    batch_size=12,  # a multiple of 1 + 2, so that every batch has the ratio
    sampler=dict(_delete_=True, type="RatioSampler", ratio=[1, 2]),
    dataset=dict(
        _delete_=True,
        type="ConcatDataset",
        datasets=dict(
            labelled=_base_.train_dataloader.dataset,
            unlabelled=dict(
                type="ImageFolderDataset",
                data_root="data/photos",
                labels=None,
                # As image_folder.py: the student sees strong colours, its teacher the same crop without them.
                pipeline=dict(
                    crop=dict(type="RandomAspectCrop", aspect=1.0),
                    flip=dict(type="RandomHorizontalFlip", prob=0.5),
                    clean=dict(type="CleanView"),
                    colours=dict(
                        type="Albumentations",
                        transforms=[
                            dict(type="ColorJitter", brightness=0.5, contrast=0.5, saturation=0.5, hue=0.25, p=0.8),
                            dict(type="ToGray", p=0.2),
                            dict(type="GaussianBlur", sigma_limit=(0.1, 2.0), blur_limit=0, p=0.5),
                        ],
                    ),
                    resize=dict(type="Resize", size=518, multiple_of=14),
                    pack=dict(type="PackSample"),
                ),
            ),
        ),
    ),
)
