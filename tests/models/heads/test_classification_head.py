"""Scores of classes of the whole image."""

import numpy as np
import pytest
import torch
from support.models import features
from support.user_errors import user_error

from mdetools.models.heads import ClassificationHead
from mdetools.testing import check_head

SOURCE = dict(in_channels=[6, 10], in_strides=[4, 8])


@pytest.mark.parametrize("sizes", [[(8, 10), (4, 5)], [(2, 2), (1, 1)]])
def test_battery(sizes):
    check_head(ClassificationHead(**SOURCE, num_classes=3), features(SOURCE, sizes), (32, 40))


@pytest.mark.parametrize("size", [(4, 5), (1, 1)])
def test_the_mean_of_the_coarsest_map_through_one_linear_layer(size):
    head = ClassificationHead(**SOURCE, num_classes=3, dropout=0.5).eval()
    maps = features(SOURCE, [(8, 10), size])
    pooled = maps[1].double().numpy().reshape(2, 10, -1).mean(2)
    weight, bias = (value.detach().double().numpy() for value in head.linear.parameters())
    scores = head(maps, (32, 40))["scores"]
    np.testing.assert_allclose(scores.detach().numpy(), pooled @ weight.T + bias, rtol=1e-5, atol=1e-6)


def test_dropout_is_of_the_training_alone():
    head = ClassificationHead(**SOURCE, num_classes=3, dropout=0.5)
    maps = features(SOURCE, [(8, 10), (4, 5)])
    torch.manual_seed(0)
    assert not torch.equal(head.train()(maps, ())["scores"], head(maps, ())["scores"])


def test_what_is_no_classifier_is_told():
    user_error(lambda: ClassificationHead(**SOURCE, num_classes=1), "num_classes is 1", "2 or more")
    user_error(lambda: ClassificationHead(**SOURCE, num_classes=2, class_names=["a"]), "1 class_names", "num_classes=2")
