"""The configs of classification differ in what depth they have, and in nothing else."""

import pytest

from benchmarks.downstream.classification import VARIANTS
from mdetools.engine.configs.loading import load_config

LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")
DEPTH = {"rgbd": "predicted", "exact": "depth", "depth": "predicted", "control": "depth"}


def load(name):
    return load_config(f"downstream/classification_{name}").to_dict()


def inner(dataset):
    """The data set of a loader, or the one in the control's."""
    return dataset.get("dataset", dataset)


@pytest.mark.parametrize("size", ["", "_small"])
@pytest.mark.parametrize("name", ["rgbd", "depth", "control"])
def test_the_network_is_that_of_the_image_with_depth(name, size):
    rgb, other = load(f"rgb{size}"), load(f"{name}{size}")
    backbone = other["model"]["backbone"]
    assert backbone["type"] == "DepthAugmentedBackbone" and backbone["backbone"] == rgb["model"]["backbone"]
    assert tuple(backbone["channels"]) == (("depth",) if name == "depth" else ("image", "depth"))
    assert backbone["depth"] == (None if name == "control" else "mdetools-tiny")
    assert other["model"]["data_preprocessor"]["steps"] == {"depth": {"type": "DepthChannel"}}
    for key in ("head", "losses"):
        assert other["model"][key] == rgb["model"][key]
    for key in ("optim_wrapper", "param_scheduler", "train_cfg", "val_evaluator", "default_hooks", "randomness"):
        assert other[key] == rgb[key]


@pytest.mark.parametrize("name", VARIANTS[1:])
def test_the_images_are_the_same_and_the_depth_is_what_the_name_says(name):
    rgb, other = load("rgb_small"), load(f"{name}_small")
    for loader in LOADERS:
        one, dataset = rgb[loader]["dataset"], other[loader]["dataset"]
        assert inner(dataset)["depth"] == DEPTH[name] and "depth" not in one
        assert dataset["pipeline"] == one["pipeline"]
        for key in ("type", "data_root", "split"):
            assert inner(dataset)[key] == one[key]
        assert (dataset["type"] == "OtherDepthDataset") == (name == "control")
        own = {key: value for key, value in rgb[loader].items() if key != "dataset"}
        assert own == {key: value for key, value in other[loader].items() if key != "dataset"}


def test_left_and_right_are_classes_of_the_small_ones_which_are_not_flipped():
    for name in VARIANTS:
        pipeline = load(f"{name}_small")["train_dataloader"]["dataset"]["pipeline"]
        assert pipeline.get("flip") is None and pipeline["zoom"] is not None
