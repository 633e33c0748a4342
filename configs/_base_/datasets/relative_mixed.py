# Labelled images and twice as many without labels in each batch, as Depth Anything V1 trains its student; an epoch is
# one pass over those without. They get their labels from a teacher in the batch step `pseudo_labels`, or from files:
# train_dataloader.dataset.datasets.unlabelled.labels=DIR and model.data_preprocessor.steps.pseudo_labels=None

_base_ = ["./relative_labelled.py", "./photographs.py"]

train_dataloader = dict(
    batch_size=12,  # a multiple of 1 + 2, so that every batch has the ratio
    sampler=dict(_delete_=True, type="RatioSampler", ratio=[1, 2]),
    dataset=dict(
        _delete_=True,
        type="ConcatDataset",
        datasets=dict(labelled=_base_.train_dataloader.dataset, unlabelled=_base_._photographs),
    ),
)
