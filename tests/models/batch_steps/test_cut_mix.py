import numpy as np
import pytest
import torch

from mdetools.errors import UserError
from mdetools.models.batch_steps import CutMix
from mdetools.models.batch_steps.cut_mix import random_boxes
from mdetools.testing import example_targets

SIZE = (24, 32)


def mix(targets, seed=0, **options):
    torch.manual_seed(seed)
    return CutMix(**{"prob": 1.0, **options})(targets, True)


def test_each_pixel_and_its_target_come_from_the_image_that_region_names():
    targets = example_targets(SIZE)
    mixed = mix(targets)
    region = mixed["region"]
    assert region.dtype == torch.int64 and region.shape == (2, 1, *SIZE) and set(region.unique().tolist()) == {0, 1}
    for name in ("image", "depth", "inverse_depth", "valid_mask", "semantic"):
        for own, other in ((0, 1), (1, 0)):
            expected = np.where(region[own] == 1, targets[name][other], targets[name][own])
            np.testing.assert_array_equal(mixed[name][own].numpy(), expected)


def test_the_other_images_stay_clean_and_the_input_as_it_was():
    targets = example_targets(SIZE)
    before = targets["image"].clone()
    mixed = mix(targets)
    assert torch.equal(targets["image"], before) and not torch.equal(mixed["image"], before)
    assert torch.equal(mixed["image_clean"], targets["image_clean"])


@pytest.mark.parametrize("prob", [0.0, 1.0])
def test_what_holds_for_whole_images_is_dropped_mixed_or_not(prob):
    mixed = mix(example_targets(SIZE), prob=prob)
    assert not {"intrinsics", "baseline", "image_right", "label"} & mixed.keys()
    assert {"size", "unlabelled", "meta", "features"} <= mixed.keys()
    assert mixed["region"].any() == bool(prob)


def test_pairs_that_the_box_touches_become_holes():
    targets = example_targets(SIZE)
    mixed = mix(targets)
    for own in range(2):
        for pair, found in zip(targets["point_pairs"][own], mixed["point_pairs"][own], strict=True):
            touched = any(mixed["region"][own, 0, round(y), round(x)] for x, y in pair.tolist())
            assert found.isnan().all() if touched else torch.equal(found, pair)


def test_nothing_is_mixed_outside_of_training():
    targets = example_targets(SIZE)
    assert CutMix(prob=1.0)(targets, False) is targets


def test_the_box_follows_from_torchs_seed():
    regions = [mix(example_targets(SIZE), seed)["region"] for seed in (3, 3, 4)]
    assert torch.equal(regions[0], regions[1]) and not torch.equal(regions[0], regions[2])


def test_areas_and_aspects_are_uniform_in_their_ranges():
    torch.manual_seed(0)
    boxes = np.array(random_boxes(4000, 400, 400, (0.02, 0.4), (0.3, 1 / 0.3)))
    top, left, rows, columns = boxes.T
    assert (top >= 0).all() and (left >= 0).all() and (top + rows <= 400).all() and (left + columns <= 400).all()
    area, aspect = rows * columns / 400**2, np.log(columns / rows)
    assert area.min() == pytest.approx(0.02, abs=2e-3) and area.max() == pytest.approx(0.4, abs=2e-3)
    # Boxes that do not fit are drawn again, so that of the largest only those of moderate aspect are left.
    small = area < 0.25
    assert area[small].mean() == pytest.approx(0.135, abs=0.005)
    assert aspect.mean() == pytest.approx(0, abs=0.03) and np.abs(aspect).max() <= np.log(1 / 0.3) + 0.05
    assert (top / (400 - rows)).mean() == pytest.approx(0.5, abs=0.02)


def test_half_of_the_batches_are_mixed():
    torch.manual_seed(0)
    step, targets = CutMix(prob=0.5), example_targets((8, 8))
    share = np.mean([step(targets, True)["region"].any().item() for _ in range(400)])
    assert share == pytest.approx(0.5, abs=0.08)


def test_a_single_image_has_no_other():
    targets = {key: value[:1] for key, value in example_targets(SIZE).items() if key != "meta"}
    assert not mix(targets)["region"].any()


def test_wrong_arguments_and_maps_of_another_size_are_one_line():
    for options in ({"area": (0.5, 0.1)}, {"area": (0.0, 0.1)}, {"aspect": (0.0, 1.0)}):
        with pytest.raises(UserError, match="CutMix: area is"):
            CutMix(**options)
    targets = example_targets(SIZE)
    with pytest.raises(UserError, match="CutMix: 'depth' is 12x32 and the image 24x32; set resize_depth=True"):
        mix(targets | {"depth": targets["depth"][:, :, :12]})


def batch_of(flags):
    """As many samples as flags, with what belongs to whole images, and everything else different in each."""
    count, rng = len(flags), torch.Generator().manual_seed(2)
    maps = {name: torch.rand(count, 1, *SIZE, generator=rng) for name in ("inverse_depth", "depth")}
    return {
        "image": torch.rand(count, 3, *SIZE, generator=rng),
        "image_right": torch.rand(count, 3, *SIZE, generator=rng),
        **maps,
        "valid_mask": maps["depth"] > 0.3,
        "sky": maps["depth"] < 0.1,
        "intrinsics": torch.eye(3).expand(count, 3, 3),
        "baseline": torch.ones(count),
        "label": torch.arange(count),
        "unlabelled": torch.tensor(flags),
        "point_pairs": torch.rand(count, 4, 2, 2, generator=rng) * 20,
        "meta": {"id": [str(number) for number in range(count)]},
    }


@pytest.mark.parametrize("flags", [[0, 1, 1, 0, 1], [1, 1, 0], [1, 1, 1], [0, 1, 0], [0, 0]])
def test_the_unlabelled_samples_are_mixed_among_themselves(flags):
    flags = [bool(flag) for flag in flags]
    targets = batch_of(flags)
    mixed = mix(targets, on="unlabelled")
    places = [place for place, flag in enumerate(flags) if flag]
    for place, flag in enumerate(flags):
        region = mixed["region"][place]
        partner = places[(places.index(place) + 1) % len(places)] if flag else place
        assert bool(region.any()) == (partner != place)
        for name in ("image", "inverse_depth", "depth", "valid_mask", "sky"):
            expected = np.where(region == 1, targets[name][partner], targets[name][place])
            np.testing.assert_array_equal(mixed[name][place].numpy(), expected)


def test_labelled_samples_stay_as_they_are():
    """Cameras and pairs too, which are holes in the samples that may be mixed."""
    flags = [False, True, True]
    targets = batch_of(flags)
    for prob in (0.0, 1.0):
        mixed = mix(targets, on="unlabelled", prob=prob)
        assert set(mixed) == {*targets, "region"} and not mixed["region"][0].any()
        for name in set(targets) - {"meta"}:
            assert torch.equal(mixed[name][0], targets[name][0]), name
        assert mixed["intrinsics"][1:].isnan().all() and mixed["baseline"][1:].isnan().all()
        assert mixed["label"].tolist() == [0, -1, -1] and not mixed["image_right"][1:].any()
        assert mixed["unlabelled"].tolist() == flags


def test_mixing_all_is_what_it_was():
    """One box for each image, from torch's generator after one draw for the batch; the next image's pixels in it."""
    targets = batch_of([True] * 4)
    mixed, among = mix(targets, seed=5), mix(targets, seed=5, on="unlabelled")
    torch.manual_seed(5)
    torch.rand(())
    inside = torch.zeros(4, 1, *SIZE, dtype=torch.bool)
    for number, (top, left, rows, columns) in enumerate(random_boxes(4, *SIZE, (0.02, 0.4), (0.3, 1 / 0.3))):
        inside[number, :, top : top + rows, left : left + columns] = True
    assert torch.equal(mixed["region"], inside.long())
    assert torch.equal(mixed["image"], torch.where(inside, targets["image"].roll(-1, 0), targets["image"]))
    assert torch.equal(mixed["image"], among["image"]) and torch.equal(mixed["region"], among["region"])


def test_parts_that_there_are_not():
    with pytest.raises(UserError, match="CutMix got on='unlabeled'; did you mean 'unlabelled'"):
        CutMix(on="unlabeled")
    targets = {name: value for name, value in batch_of([True, True]).items() if name != "unlabelled"}
    with pytest.raises(UserError, match="CutMix is for the unlabelled samples, and the batch has no 'unlabelled'"):
        mix(targets, on="unlabelled")
