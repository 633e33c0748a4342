# A student by the recipe of V1: the average of the loss on labelled images, of that on unlabelled ones, whose teacher
# labels them without perturbations, and of the features' distance from the frozen DINOv2 that it starts from. Each of
# the two losses of depth is the affine-invariant L1 and the gradient matching (which the article does not name, and its
# authors do) in equal parts; of a mixed image they are computed in each of the two regions.

_base_ = ["./relative_vits.py"]

_third = 1 / 3

model = dict(
    data_preprocessor=dict(
        steps=dict(
            pseudo_labels=dict(
                type="PseudoLabels",
                model=dict(
                    type="Estimator",
                    backbone=dict(type="DINOv2", arch="vitl"),
                    head=dict(
                        type="DPTHead",
                        features=256,
                        out_channels=[256, 512, 1024, 1024],
                        output=dict(type="ReluInverseDepth"),
                    ),
                ),
                checkpoint=None,
                flip=False,  # the article does not say
            ),
            cut_mix=dict(type="CutMix", prob=0.5, on="unlabelled"),
            features=dict(type="FrozenFeatures", backbone=dict(type="DINOv2", arch="vits"), checkpoint=None),
        ),
    ),
    losses=dict(
        affine_invariant=None,
        gradient_matching=None,
        labelled=dict(type="AffineInvariantLoss", on="labelled", weight=_third),
        labelled_gradients=dict(type="GradientMatchingLoss", on="labelled", weight=_third),
        unlabelled=dict(type="AffineInvariantLoss", on="unlabelled", weight=_third),
        unlabelled_gradients=dict(type="GradientMatchingLoss", on="unlabelled", weight=_third),
        features=dict(type="FeatureAlignmentLoss", ignore_above_similarity=0.85, on="unlabelled", weight=_third),
    ),
)
