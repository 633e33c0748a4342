# Images without labels, for data sets that are made of them: `data_root` is a folder (with all below it), a pattern, a
# list or an archive; `labels` the folder that tools/pseudo_label.py wrote. Depth Anything V1's student sees strong
# colours, and its teacher the same crop without them, `image_clean`. V1's strengths are unpublished; these are of
# UniMatch (Yang et al., CVPR 2023), by the same authors.

_photographs = dict(
    type="ImageFolderDataset",
    data_root="data/photos",
    labels=None,
    # The crop comes first, so that only pixels that stay are changed and resized.
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
)
