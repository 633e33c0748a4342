"""What a run leaves for TensorBoard."""

import math

import pytest
from support.tiny_training import in_child, train
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


@pytest.fixture(scope="module")
def events(tiny_nyu, tmp_path_factory):
    """The event file of a run of 2 epochs with 3 iterations each."""
    folder = tmp_path_factory.mktemp("tensorboard")
    options = {"default_hooks.pictures.images": 2, "randomness.seed": 1}
    assert in_child(folder / "log", train, tiny_nyu, folder, options) == 0, (folder / "log").read_text()
    (file,) = folder.glob("**/events.out.tfevents.*")
    accumulator = EventAccumulator(str(file))
    accumulator.Reload()
    return accumulator


def series(events, tag):
    return {event.step: event.value for event in events.Scalars(tag)}


@pytest.mark.parametrize(
    "tag",
    [
        f"train/{name}"
        for name in ("loss", "loss_silog", "grad_norm", "images_per_second", "memory_mib", "time", "epoch")
    ]
    + ["lr/encoder", "lr/decoder"],
)
def test_training_scalars_stand_on_each_iteration(events, tag):
    values = series(events, tag)
    assert list(values) == [1, 2, 3, 4, 5, 6]
    assert all(math.isfinite(value) and value > 0 for value in values.values())


def test_learning_rates_are_those_of_the_schedule(events):
    half = [0.5 * (1 + math.cos(math.pi * step / 5)) for step in range(5)]
    expected = [1e-3 * factor for factor in [1e-3, *half]]
    assert list(series(events, "lr/encoder").values()) == pytest.approx(expected, rel=1e-6)
    assert list(series(events, "lr/decoder").values()) == pytest.approx([10 * lr for lr in expected], rel=1e-6)


def test_memory_is_that_of_a_process_in_mebibytes(events):
    assert all(50 < value < 10_000 for value in series(events, "train/memory_mib").values())


@pytest.mark.parametrize("tag", ["d1", "abs_rel", "rmse", "silog", "time"])
def test_validation_stands_on_the_training_step(events, tag):
    assert list(series(events, f"val/{tag}")) == [3, 6]


def test_every_tag_is_in_a_group(events):
    """So that the time of training and that of validation, or two losses of one name, are not one curve."""
    assert {tag.partition("/")[0] for tag in events.Tags()["scalars"]} == {"train", "lr", "val"}
    assert {tag for tag in events.Tags()["scalars"] if "lr" in tag} == {"lr/encoder", "lr/decoder"}


def test_panels_of_the_same_images_each_time(events):
    tags = [tag for tag in events.Tags()["images"] if tag.startswith("val_")]
    assert tags == ["val_scene_00000", "val_scene_00002"]
    for tag in tags:
        pictures = events.Images(tag)
        assert [picture.step for picture in pictures] == [3, 6]
        assert pictures[0].width > 4 * 42  # four pictures side by side
        assert pictures[0].encoded_image_string != pictures[1].encoded_image_string
