# The network of Garg et al., "Unsupervised CNN for Single View Depth Estimation", ECCV 2016.

model = dict(
    type="Estimator",
    data_preprocessor=dict(type="DataPreprocessor", mean=(0.5, 0.5, 0.5), std=(1.0, 1.0, 1.0)),
    backbone=dict(type="AlexNetFCN"),
    head=dict(type="CoarseToFineHead"),
    losses=dict(
        # The paper's energy sums over three channels, the loss takes their mean: see docs/losses.md.
        photometric=dict(type="PhotometricLoss", dissimilarity="l2", outside="mask", weight=3.0),
        smoothness=dict(type="SmoothnessLoss", weight=0.01),
    ),
)
