"""What a teacher's pipeline may do, and what tells it from another one."""

import pytest
import torch
from support.user_errors import user_error

from mdetools.apis.pseudo_labels.loading import check_pipeline
from mdetools.apis.pseudo_labels.teacher import digest_of
from mdetools.registry import TRANSFORMS


def test_transforms_that_show_the_whole_image_pass():
    configs = [
        dict(type="Resize", size=98),
        dict(type="Resize", size=(70, 210), keep_aspect=False, interpolation="area"),
        dict(type="GaussianNoise"),
        dict(type="PackSample"),
    ]
    check_pipeline([TRANSFORMS.build(config) for config in configs])


@pytest.mark.parametrize(
    "config",
    [
        dict(type="BenchmarkCrop"),
        dict(type="RandomCrop", size=700),
        dict(type="RandomAspectCrop", aspect=1.5),
        dict(type="RandomHorizontalFlip", prob=1.0),
    ],
    ids=lambda config: config["type"],
)
def test_transforms_that_do_not_are_refused(config):
    transforms = [TRANSFORMS.build(one) for one in (config, dict(type="Resize", size=98), dict(type="PackSample"))]
    user_error(lambda: check_pipeline(transforms), config["type"], "test_dataloader.dataset.pipeline")


def test_a_digest_is_of_the_weights_alone():
    first, second = (torch.nn.Linear(3, 2) for _ in range(2))
    assert digest_of(first) != digest_of(second)
    second.load_state_dict(first.state_dict())
    assert digest_of(first) == digest_of(second)
    assert digest_of(first.half()) != digest_of(second)
