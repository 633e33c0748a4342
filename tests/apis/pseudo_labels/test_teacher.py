"""What a teacher's prediction becomes, and what its pipeline may do."""

import pytest
import torch
from support.user_errors import user_error

from mdetools.apis.pseudo_labels.conversion import inverse_depth_of
from mdetools.apis.pseudo_labels.loading import check_pipeline
from mdetools.apis.pseudo_labels.teacher import digest_of
from mdetools.registry import TRANSFORMS


def test_metres_become_their_inverse_and_disparity_stays():
    depth = torch.tensor([[[0.5, 4.0, 80.0]]])
    assert inverse_depth_of({"depth": depth}).flatten().tolist() == pytest.approx([2.0, 0.25, 0.0125])
    disparity = torch.tensor([[[3.0, 0.0]]])
    assert inverse_depth_of({"disparity": disparity, "depth": 100 / disparity}).equal(disparity)
    assert inverse_depth_of({"inverse_depth": disparity}).equal(disparity)


def test_no_depth_at_all_is_finite():
    assert inverse_depth_of({"depth": torch.zeros(1, 1, 2)}).isfinite().all()


@pytest.mark.parametrize("name", ["logits", "scores"])
def test_what_is_no_depth_is_refused(name):
    user_error(lambda: inverse_depth_of({name: torch.zeros(1, 2)}), f"'{name}'", "depth, disparity, inverse_depth")


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
