"""The survey's classifier: its shapes, and images of another size."""

import pytest
import torch
from support.user_errors import user_error
from torch import nn

from mdetools.models.backbones import FastConv
from mdetools.registry import MODELS
from mdetools.testing import check_backbone


def shapes_inside(module, image):
    """What each layer of a network gives."""
    found = []
    layers = [layer for layer in module.modules() if isinstance(layer, nn.Conv2d | nn.MaxPool2d | nn.Linear)]
    for layer in layers:
        layer.register_forward_hook(lambda _, __, output: found.append(tuple(output.shape)))
    module(image)
    return found


def test_the_surveys_arguments_give_the_surveys_shapes():
    """140x140 halved twice by convolutions of stride 2 and once by the pooling: 70, 35, 17."""
    classifier = MODELS.build(
        dict(
            type="Estimator",
            backbone=dict(
                type="FastConv",
                input_channels=4,
                conv_hidden_channels=64,
                conv_out_channels=128,
                input_size=(140, 140),
                dropout_rate1=0.25,
                dropout_rate2=0.5,
                fc_out_channels=128,
                kernel_size=3,
                stride=2,
                padding=1,
            ),
            head=dict(type="ClassificationHead", num_classes=100),
        )
    )
    assert shapes_inside(classifier, torch.zeros(2, 4, 140, 140)) == [
        (2, 64, 70, 70),
        (2, 128, 35, 35),
        (2, 128, 17, 17),
        (2, 128),
        (2, 100),
    ]
    weights = 64 * (4 * 9 + 1) + 128 * (64 * 9 + 1) + 128 * (128 * 17 * 17 + 1) + 100 * (128 + 1)
    assert sum(parameter.numel() for parameter in classifier.parameters()) == weights
    rates = [layer.p for layer in classifier.modules() if isinstance(layer, nn.Dropout)]
    assert rates == [0.25, 0.5, 0.0]


@pytest.mark.parametrize("size", [(32, 32), (30, 44)])
def test_battery(size):
    check_backbone(FastConv(3, 8, 16, size, fc_out_channels=12), size)


def test_images_of_another_size_are_told():
    backbone = FastConv(3, 8, 8, (32, 40))
    user_error(lambda: backbone(torch.zeros(1, 3, 40, 32)), "40x32", "32x40", "Resize")
    user_error(lambda: FastConv(input_size=(4, 64)), "(4, 64)", "0x8 cells")
