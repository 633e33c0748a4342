"""What the losses of relative inverse depth have in common: invariance, regions, trimming, parts of a batch."""

from functools import partial

import numpy as np
import pytest
import torch
from support.losses import assert_gradient, fitted, normalized, random_batch, sum_of_least, tensors
from support.user_errors import user_error

from mdetools.models.losses import affine_invariant_loss, gradient_matching_loss, scale_shift_invariant_loss
from mdetools.models.losses.trimming import without_largest
from mdetools.registry import LOSSES
from mdetools.testing import check_loss

SHAPE = (2, 1, 24, 32)
FUNCTIONS = {
    "affine": affine_invariant_loss,
    "least_squares": scale_shift_invariant_loss,
    "unit_target": partial(scale_shift_invariant_loss, unit_target=True),
    "gradient": gradient_matching_loss,
    "gradient_least_squares": partial(gradient_matching_loss, alignment="least_squares"),
    "gradient_unit_target": partial(gradient_matching_loss, alignment="least_squares", unit_target=True),
}
MODULES = {
    "affine": dict(type="AffineInvariantLoss"),
    "least_squares": dict(type="ScaleShiftInvariantLoss"),
    "gradient": dict(type="GradientMatchingLoss", alignment="least_squares"),
}
EACH = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
EACH_MODULE = pytest.mark.parametrize("config", MODULES.values(), ids=MODULES)
BOX = (..., slice(8, 16), slice(8, 24))  # its corner lies on the coarsest grid


def regions(ids=(0, 1)):
    """A box in each image, another one in the second; the last row of the first image is a region of its own."""
    region = torch.full(SHAPE, ids[0])
    region[BOX] = ids[1]
    region[1, 0, 16:, 24:] = ids[1]
    region[0, 0, -1] = ids[-1]
    return region


@EACH
@pytest.mark.parametrize("seed", range(3))
def test_scale_and_shift_of_the_prediction_do_not_matter(function, seed):
    prediction, target, mask = tensors(*random_batch(seed, SHAPE))
    rng = np.random.default_rng(seed)
    scale, shift = (torch.from_numpy(rng.uniform(0.3, 3, (2, 1, 1, 1))).float() for _ in range(2))
    expected = function(prediction, target, mask)
    torch.testing.assert_close(function(scale * prediction + shift, target, mask), expected, rtol=1e-5, atol=1e-7)
    assert function(scale * target - shift, target, mask).item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("name", ["affine", "unit_target", "gradient", "gradient_unit_target"])
def test_those_of_the_target_do_not_matter_to_these(name):
    prediction, target, mask = tensors(*random_batch(4, SHAPE))
    scale, shift = torch.tensor([0.4, 3.0]).view(2, 1, 1, 1), torch.tensor([2.0, -1.0]).view(2, 1, 1, 1)
    expected = FUNCTIONS[name](prediction, target, mask)
    torch.testing.assert_close(
        FUNCTIONS[name](prediction, scale * target + shift, mask), expected, rtol=1e-5, atol=1e-7
    )


@EACH
@pytest.mark.parametrize("ids", [(0, 1), (3, 5, -1), (0, 10**9, 7)])
@pytest.mark.parametrize("trim", [0.0, 0.1])
def test_regions_are_computed_each_alone(function, ids, trim):
    """And added up by their shares of the area, holes included; then the mean over images."""
    prediction, target, mask = tensors(*random_batch(1, SHAPE))
    region = regions(ids)
    images = []
    for index in range(len(region)):
        one = slice(index, index + 1)
        alone = [region[one] == identity for identity in set(region[one].flatten().tolist())]
        losses = [function(prediction[one], target[one], mask[one] & inside, trim=trim) for inside in alone]
        images.append(sum(loss * inside.float().mean() for loss, inside in zip(losses, alone, strict=True)))
    found = function(prediction, target, mask, region=region, trim=trim)
    torch.testing.assert_close(found, sum(images) / len(images), rtol=1e-5, atol=1e-7)
    assert found != function(prediction, target, mask, trim=trim)


def by_region(image, prediction, target, mask, region):
    """Mean over images of a formula of one image's region, by shares of the area, in float64."""
    images = []
    for p, t, m, r in zip(prediction, target, mask, region, strict=True):
        images.append(sum(image(p, t, m & (r == one)) * (r == one).mean() for one in np.unique(r)))
    return np.mean(images)


def trimmed_affine(prediction, target, mask):
    total, count = sum_of_least(np.abs(normalized(prediction, mask) - normalized(target, mask))[mask], 0.1)
    return total / count


def trimmed_least_squares(prediction, target, mask):
    return sum_of_least((fitted(prediction, target, mask) - target)[mask] ** 2, 0.1)[0] / (2 * mask.sum())


@pytest.mark.parametrize(
    ("function", "formula"),
    [(affine_invariant_loss, trimmed_affine), (scale_shift_invariant_loss, trimmed_least_squares)],
    ids=["affine", "least_squares"],
)
def test_gradient_with_regions_and_trimming(function, formula):
    """The shift and the scale are those of all pixels of a region: trimmed ones have a gradient through them."""
    prediction, target, mask = random_batch(11, (2, 1, 7, 8), 0.8)
    region = (np.indices(mask.shape)[3] > 3).astype(np.int64)
    assert_gradient(
        lambda values: function(values, *tensors(target, mask, region), trim=0.1),
        lambda values: by_region(formula, values, target, mask, region),
        torch.from_numpy(prediction),
    )


@EACH
def test_a_region_is_the_box_cut_out(function):
    prediction, target, mask = tensors(*random_batch(2, SHAPE))
    in_box = torch.zeros(SHAPE, dtype=torch.bool)
    in_box[BOX] = True
    found = function(prediction, target, mask & in_box, region=in_box.long())
    torch.testing.assert_close(found, function(prediction[BOX], target[BOX], mask[BOX]), rtol=1e-5, atol=1e-7)


@EACH
def test_one_region_is_the_image_and_an_empty_one_is_nothing(function):
    prediction, target, mask = tensors(*random_batch(3, SHAPE))
    region = torch.zeros(SHAPE, dtype=torch.int64)
    assert function(prediction, target, mask, region=region + 4) == function(prediction, target, mask)
    region[BOX] = 1
    mask[BOX] = False
    assert function(prediction, target, mask, region=region) == function(prediction, target, mask)
    mask[1] = False
    alone = function(prediction[:1], target[:1], mask[:1])
    torch.testing.assert_close(function(prediction, target, mask, region=region), alone)
    assert function(prediction, target, torch.zeros_like(mask), region=region) == 0


def test_regions_of_other_scales_are_a_perfect_prediction():
    """What CutMix makes of two images whose inverse depths have nothing to do with each other."""
    _, target, mask = tensors(*random_batch(6, SHAPE))
    region = regions()
    prediction = torch.where(region == 1, 0.2 * target + 5, 4 * target - 1)
    for function in FUNCTIONS.values():
        assert function(prediction, target, mask, region=region).item() == pytest.approx(0, abs=1e-5)
        assert function(prediction, target, mask).item() > 0.01


@pytest.mark.parametrize("trim", [0.0, 0.1, 0.2, 0.3, 0.7])
@pytest.mark.parametrize("valid", [0.02, 0.6, 1.0])
def test_trimming_is_sorting(trim, valid):
    """V2: the mean of what is left; MiDaS's quotient is that of all pixels."""
    prediction, target, mask = random_batch(7, SHAPE, valid)
    rows = list(zip(prediction, target, mask, strict=True))
    ours = affine_invariant_loss(*tensors(prediction, target, mask), trim=trim).item()
    left = [sum_of_least(np.abs(normalized(p, m) - normalized(t, m))[m], trim) for p, t, m in rows]
    assert ours == pytest.approx(np.mean([total / max(count, 1) for total, count in left]), rel=1e-5)
    ours = scale_shift_invariant_loss(*tensors(prediction, target, mask), trim=trim).item()
    left = [sum_of_least((fitted(p, t, m) - t)[m] ** 2, trim) for p, t, m in rows]
    expected = np.mean([total / (2 * m.sum()) for (total, _), (_, _, m) in zip(left, rows, strict=True)])
    assert ours == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("trim", [0.1, 0.3])
def test_gradient_matching_trims_each_scale(trim):
    prediction, target, mask = random_batch(8, SHAPE, 0.8)
    images = []
    for p, t, m in zip(prediction[:, 0], target[:, 0], mask[:, 0], strict=True):
        residual, total = normalized(p, m) - normalized(t, m), 0
        for step in (1, 2, 4, 8):
            r, valid = residual[::step, ::step], m[::step, ::step]
            losses = []
            for y, x in np.argwhere(valid):
                near = [(y, x + 1), (y + 1, x)]
                inside = [at for at in near if at[0] < r.shape[0] and at[1] < r.shape[1] and valid[at]]
                losses.append(sum(abs(r[at] - r[y, x]) for at in inside))
            kept, count = sum_of_least(np.array(losses), trim)
            total += kept / count
        images.append(total)
    found = gradient_matching_loss(*tensors(prediction, target, mask), trim=trim)
    assert found.item() == pytest.approx(np.mean(images), rel=1e-5)


def test_trimming_of_equal_values_leaves_as_many():
    values, mask = torch.zeros(3, 50), torch.rand(3, 50, generator=torch.Generator().manual_seed(0)) < 0.5
    mask[2] = False
    kept = without_largest(values, mask, 0.2)
    assert kept.sum(1).tolist() == [int(0.8 * count) for count in mask.sum(1).tolist()]
    assert not (kept & ~mask).any()
    assert without_largest(values, mask, 0.0) is mask


@pytest.mark.parametrize(("trim", "tenths"), [(0.1, 9), (0.2, 8), (0.3, 7)])
def test_what_stays_is_rounded_down(trim, tenths):
    """Where 1 - trim is no binary fraction, too."""
    for count in range(1, 300):
        values = torch.arange(count)[None].float()
        kept = without_largest(values, torch.ones_like(values, dtype=torch.bool), trim)[0]
        stay = max(tenths * count // 10, 1)
        assert kept[:stay].all() and not kept[stay:].any()


def test_as_many_stay_as_below_the_quantile():
    """L[L < v] with v the quantile of 0.9."""
    rng = np.random.default_rng(0)
    for count in range(2, 300):
        values = rng.random(count).astype(np.float32)
        below = values < np.quantile(values.astype(np.float64), 0.9) - 1e-9
        kept = without_largest(torch.from_numpy(values)[None], torch.ones(1, count, dtype=torch.bool), 0.1)
        np.testing.assert_array_equal(kept[0].numpy(), below)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("case", ["constant", "two pixels", "float16 of 1e4", "nothing", "one pixel"])
def test_hostile_maps(name, case):
    """Finite values and gradients, with NaN outside the mask, by region and trimmed too."""
    prediction, target, mask = tensors(*random_batch(9, SHAPE))
    if case == "constant":
        prediction, target[1] = torch.full(SHAPE, 0.3), 2.0
    elif case == "float16 of 1e4":
        prediction = (1e4 + 100 * torch.randn(SHAPE, generator=torch.Generator().manual_seed(0))).half()
    else:
        count = {"two pixels": 2, "one pixel": 1, "nothing": 0}[case]
        mask = torch.zeros_like(mask).flatten(1)
        mask[:, 5 : 5 + count] = True
        mask = mask.view(SHAPE)
    prediction[~mask], target[~mask] = torch.nan, torch.nan
    for options in ({}, dict(region=regions()), dict(trim=0.1), dict(region=regions(), trim=0.3)):
        leaf = prediction.clone().requires_grad_()
        value = FUNCTIONS[name](leaf, target, mask, **options)
        value.backward()
        assert value.dtype == torch.float32 and value.isfinite() and leaf.grad.isfinite().all()
        if case in ("nothing", "one pixel"):
            assert value == 0 and not leaf.grad.any()


@EACH_MODULE
def test_a_part_of_the_batch(config):
    prediction, target, mask = tensors(*random_batch(5, (3, 1, 12, 17)))
    unlabelled = torch.tensor([True, False, True])
    targets = {"inverse_depth": target, "valid_mask": mask, "unlabelled": unlabelled}
    for on, chosen in (("unlabelled", unlabelled), ("labelled", ~unlabelled)):
        alone = {"inverse_depth": target[chosen], "valid_mask": mask[chosen]}
        expected = LOSSES.build(config)({"inverse_depth": prediction[chosen]}, alone)
        torch.testing.assert_close(LOSSES.build({**config, "on": on})({"inverse_depth": prediction}, targets), expected)
    del targets["unlabelled"]  # all are labelled
    whole = LOSSES.build(config)({"inverse_depth": prediction}, targets)
    assert LOSSES.build({**config, "on": "labelled"})({"inverse_depth": prediction}, targets) == whole
    leaf = prediction.clone().requires_grad_()
    nothing = LOSSES.build({**config, "on": "unlabelled"})({"inverse_depth": leaf}, targets)
    nothing.backward()
    assert nothing == 0 and not leaf.grad.any()


@EACH_MODULE
def test_modules_pass_their_options_on(config):
    prediction, target, mask = tensors(*random_batch(5, SHAPE))
    region = regions()
    targets = {"inverse_depth": target, "valid_mask": mask, "region": region}
    function = {"AffineInvariantLoss": affine_invariant_loss, "ScaleShiftInvariantLoss": scale_shift_invariant_loss}
    options = {} if config["type"] in function else dict(alignment="least_squares")
    function = function.get(config["type"], gradient_matching_loss)
    for trim in (0.0, 0.1):
        for per_region, chosen in ((True, region), (False, None)):
            loss = LOSSES.build({**config, "weight": 3.0, "trim": trim, "per_region": per_region})
            expected = 3 * function(prediction, target, mask, region=chosen, trim=trim, **options)
            torch.testing.assert_close(loss({"inverse_depth": prediction}, targets), expected)
    check_loss(LOSSES.build({**config, "trim": 0.1, "on": "labelled"}), "inverse_depth")


@EACH_MODULE
def test_wrong_options_are_named(config):
    user_error(lambda: LOSSES.build({**config, "trim": 10}), "trim=10; expected the share of the pixels to leave out")
    user_error(lambda: LOSSES.build({**config, "on": "unlabeled"}), "on='unlabeled'; did you mean 'unlabelled'?")
    wrong = {"type": "GradientMatchingLoss", "alignment": "lstsq"}
    user_error(lambda: LOSSES.build(wrong), "alignment='lstsq'; did you mean 'least_squares'?")
    targets = {"inverse_depth": torch.ones(SHAPE), "valid_mask": torch.ones(SHAPE) > 0, "region": regions()[..., ::2]}
    user_error(
        lambda: LOSSES.build(config)({"inverse_depth": torch.ones(SHAPE)}, targets),
        "`region` is 24x16 and the target 24x32; set resize_depth=True",
    )
