# A residual network with classes of the whole image, from random weights; pretrained=True of the TimmBackbone takes
# timm's, which it downloads once.

model = dict(
    type="Estimator",
    data_preprocessor=dict(type="DataPreprocessor"),
    backbone=dict(type="TimmBackbone", name="resnet18"),
    head=dict(type="ClassificationHead", num_classes=100),
    losses=dict(classes=dict(type="CrossEntropyLoss", label_smoothing=0.1)),
)
