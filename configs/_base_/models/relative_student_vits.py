# A student of pseudo-labels by the recipe of V2: its losses, and features that stay near those of the frozen DINOv2
# that it starts from; a pixel whose cosine is above 0.85 is left alone.

_base_ = ["./relative_vits.py"]

model = dict(
    data_preprocessor=dict(
        steps=dict(
            features=dict(type="FrozenFeatures", backbone=dict(type="DINOv2", arch="vits"), checkpoint=None),
        ),
    ),
    losses=dict(features=dict(type="FeatureAlignmentLoss", ignore_above_similarity=0.85, on="unlabelled", weight=1.0)),
)
