import re
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import torch
from scipy.optimize import lsq_linear

from mdetools.datasets.transforms import BenchmarkCrop
from mdetools.errors import UserError
from mdetools.evaluation.alignments import ALIGNMENTS
from mdetools.evaluation.functional.depth_errors import DEPTH_ERRORS, depth_errors
from mdetools.evaluation.protocols import PROTOCOLS, Protocol, get_protocol
from mdetools.evaluation.scoring import evaluate_image, scored_depth
from mdetools.geometry import crop_box

ABS_REL, SILOG, PIXELS = DEPTH_ERRORS.index("abs_rel"), DEPTH_ERRORS.index("silog"), len(DEPTH_ERRORS)


def scene(height=48, width=64, seed=0):
    generator = np.random.default_rng(seed)
    depth = generator.uniform(0.5, 9.5, (1, height, width))
    mask = generator.random(depth.shape) > 0.3
    prediction = depth * np.exp(generator.normal(0, 0.2, depth.shape))
    return tuple(torch.tensor(x, dtype=torch.float32) for x in (prediction, depth)) + (torch.tensor(mask),)


@pytest.mark.parametrize(
    ("name", "size", "box"),
    [
        ("nyu_eigen", (480, 640), (45, 471, 41, 601)),
        ("nyu_eigen", (240, 320), (22, 235, 20, 300)),
        ("garg", (375, 1242), (153, 371, 44, 1197)),
        ("garg", (370, 1226), (151, 366, 44, 1181)),  # 0.99189189 * 370 is 366.9999993: truncated, as published
        ("eigen", (375, 1242), (124, 342, 44, 1197)),
        ("kb", (375, 1242), (23, 375, 13, 1229)),
        ("kb", (376, 1241), (24, 376, 12, 1228)),  # (1241 - 1216) / 2 truncated, as published
        ("kb", (352, 1216), (0, 352, 0, 1216)),
        ("kb", (370, 620), (18, 370, 0, 620)),
        ("kb", (188, 1242), (0, 188, 13, 1229)),
    ],
)
def test_crop_boxes(name, size, box):
    assert crop_box(name, *size) == box


def test_crop_leaves_the_rest_out():
    prediction, depth, mask = scene(480, 640)
    protocol = PROTOCOLS["nyu_eigen"]
    inside = (..., slice(45, 471), slice(41, 601))
    expected = depth_errors(prediction[inside].clamp(1e-3, 10), depth[inside], mask[inside])
    row = evaluate_image({"depth": prediction}, depth, mask, protocol)
    assert row[ABS_REL].item() == pytest.approx(expected["abs_rel"].item(), rel=1e-6)
    assert row[PIXELS] == mask[inside].sum()
    prediction[..., :45, :], prediction[..., 601:] = 1e6, torch.nan
    assert torch.equal(row, evaluate_image({"depth": prediction}, depth, mask, protocol))


@pytest.mark.parametrize(
    ("caps", "errors"),
    [("inclusive", [0.2, 0, 0, 0.25, 0.2, 0]), ("strict", [0.25, 0.2, 0])],  # 0.2 m -> 1 m, 90 m -> 50 m
)
def test_caps_choose_pixels_by_the_truth_and_clamp_the_prediction(caps, errors):
    depth = torch.tensor([[[0.5, 1.0, 1.0, 50.0, 50.1, 20.0, 20.0, 1.001, 49.999]]])
    mask = torch.tensor([[[True, True, True, True, True, True, False, True, True]]])
    prediction = torch.tensor([[[9.0, 1.2, 0.2, 90.0, 9.0, 25.0, 9.0, 1.001 * 1.2, 90.0]]])
    row = evaluate_image({"depth": prediction}, depth, mask, Protocol("caps", 1.0, 50.0, caps=caps))
    assert row[PIXELS] == len(errors)
    assert row[ABS_REL].item() == pytest.approx(np.mean(errors), abs=1e-4)


def test_the_named_protocols_take_caps_strictly_and_a_dict_may_say_otherwise():
    assert {protocol.caps for protocol in PROTOCOLS.values()} == {"strict"}
    depth = torch.tensor([[[10.0, 5.0, 1e-3]]])
    valid = torch.ones_like(depth, dtype=torch.bool)
    assert PROTOCOLS["nyu"].select(depth, valid).counted.tolist() == [[[False, True, False]]]
    inclusive = get_protocol({"base": "nyu", "caps": "inclusive"})
    assert inclusive.select(depth, valid).counted.all() and "0.001..10 m (inclusive)" in inclusive.describe()


# The depth that a constant counts as: the nearest that is allowed, or what of the truth the alignment aims at.
CONSTANTS = {
    "none": lambda truth, nearest: nearest,
    "median_depth": lambda truth, nearest: nearest,
    "median_disparity": lambda truth, nearest: truth.median(),
    "lstsq_depth": lambda truth, nearest: truth.mean(),
    "lstsq_disparity": lambda truth, nearest: 1 / (1 / truth).mean(),
}


@pytest.mark.parametrize("value", [0.0, -1.0])
@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_prediction_of_zero_or_below_counts_as_a_depth(name, value):
    _, depth, mask = scene()
    protocol = PROTOCOLS[name]
    window = (..., *protocol.window(*depth.shape[-2:]))
    inside = mask & (depth > protocol.min_depth) & (depth < protocol.max_depth)
    truth = depth[window][inside[window]].double()
    expected = CONSTANTS[protocol.alignment](truth, protocol.min_depth)
    row = evaluate_image({"depth": torch.full_like(depth, value)}, depth, mask, protocol)
    assert torch.isfinite(row).all()
    assert row[ABS_REL].item() == pytest.approx((abs(expected - truth) / truth).mean().item(), rel=1e-5)


def test_alignment_comes_before_the_clamp():
    # All of the prediction lies beyond the cap: clamped first it would be constant, and the scale wrong.
    _, depth, mask = scene()
    for name in ("nyu_median", "nyu_lstsq_depth"):
        row = evaluate_image({"depth": depth * 40}, depth, mask, PROTOCOLS[name])
        assert row[ABS_REL].item() == pytest.approx(0, abs=1e-5)


def test_alignment_sees_only_pixels_that_count():
    prediction, depth, mask = scene()
    for name in ("nyu_median", "nyu_median_disparity", "nyu_lstsq_depth", "nyu_lstsq_disparity"):
        expected = evaluate_image({"depth": prediction}, depth, mask, PROTOCOLS[name])
        far, wild = depth.clone(), prediction.clone()
        far[..., :5], wild[..., :5] = 99.0, 4e3  # beyond the cap, marked valid
        counted = mask.clone()
        counted[..., :5] = False
        ours = evaluate_image({"depth": wild}, far, mask, PROTOCOLS[name])
        reference = evaluate_image({"depth": prediction}, depth, counted, PROTOCOLS[name])
        torch.testing.assert_close(ours, reference, rtol=1e-6, atol=0)
        assert not torch.equal(ours, expected)


def clamp(depth):
    return np.clip(depth, 1e-3, 10)


def in_numpy(relative, depth, mask, name):
    """The alignments written out in float64, for a prediction of relative inverse depth."""
    x, y = relative[mask].double().numpy(), 1 / depth[mask].double().numpy()
    if name == "nyu_median":
        return clamp(np.median(1 / y) / np.median(1 / x) / x)
    if name == "nyu_lstsq_disparity":
        scale, shift = np.linalg.lstsq(np.stack([x, np.ones_like(x)], 1), y, rcond=None)[0]
    else:
        spread, wanted = (np.abs(v - np.median(v)).mean() for v in (x, y))
        scale, shift = wanted / spread, np.median(y) - wanted / spread * np.median(x)
    return clamp(1 / np.maximum(scale * x + shift, 1 / 10))


@pytest.mark.parametrize("key", ["inverse_depth", "disparity"])
@pytest.mark.parametrize("name", ["nyu_median", "nyu_median_disparity", "nyu_lstsq_disparity"])
def test_relative_predictions_against_numpy(name, key):
    prediction, depth, mask = scene()
    relative = 30 / prediction + 4
    ours = scored_depth({key: relative}, PROTOCOLS[name].select(depth, mask), PROTOCOLS[name])
    np.testing.assert_allclose(ours[mask].numpy(), in_numpy(relative, depth, mask, name), rtol=2e-5)
    # Somewhere 1 / max_depth is the floor, or the test of it is empty.
    assert name == "nyu_median" or (ours[mask] == 10).any()


@pytest.mark.parametrize("name", ["nyu_median_disparity", "nyu_lstsq_disparity"])
def test_any_affine_inverse_depth_is_perfect(name):
    _, depth, mask = scene()
    row = evaluate_image({"inverse_depth": 55 / depth + 3}, depth, mask, PROTOCOLS[name])
    assert row[ABS_REL].item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("name", [name for name in PROTOCOLS if "lstsq" in name])
@pytest.mark.parametrize("slope", [-1.0, -0.03, -500.0])
def test_an_inverted_map_scores_exactly_as_the_best_constant(name, slope):
    _, depth, mask = scene()
    protocol = PROTOCOLS[name]
    key = "depth" if name.endswith("lstsq_depth") else "inverse_depth"
    truth = depth if key == "depth" else 1 / depth
    inverted = evaluate_image({key: slope * truth + 7}, depth, mask, protocol)
    assert torch.equal(inverted, evaluate_image({key: torch.full_like(depth, 3.0)}, depth, mask, protocol))
    # In float64: the constant of least squares is the mean, of depth or of its inverse.
    counted = protocol.select(depth, mask)
    true = counted.depth[counted.counted].double().numpy()
    constant = true.mean() if key == "depth" else 1 / (1 / true).mean()
    assert inverted[ABS_REL].item() == pytest.approx(np.mean(np.abs(constant - true) / true), rel=1e-5)
    assert evaluate_image({key: -slope * truth + 7}, depth, mask, protocol)[ABS_REL] < 1e-4


@pytest.mark.parametrize("seed", range(8))
def test_least_squares_with_a_scale_that_is_not_negative_against_scipy(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(2, 1, 300), rng.normal(0.5, 0.2, 300)
    y += rng.uniform(-0.3, 0.3) * x
    mask = rng.random(300) > 0.4
    fit = ALIGNMENTS["lstsq_disparity"].fit(*(torch.tensor(values)[None] for values in (x, y, mask)))
    expected = lsq_linear(np.stack([x, np.ones_like(x)], 1)[mask], y[mask], ([0, -np.inf], np.inf)).x
    np.testing.assert_allclose(torch.cat(fit).numpy(), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", ["nyu_median", "nyu_median_disparity", "nyu_lstsq_disparity"])
def test_relative_prediction_full_of_zeros_is_the_middle_of_the_truth(name):
    prediction, depth, mask = scene()
    shown = scored_depth(
        {"inverse_depth": torch.zeros_like(depth)}, PROTOCOLS[name].select(depth, mask), PROTOCOLS[name]
    )
    truth = depth[mask].double()
    expected = 1 / (1 / truth).mean() if "lstsq" in name else truth.median()
    torch.testing.assert_close(shown, torch.full_like(shown, expected.item()), rtol=1e-5, atol=0)
    zeros_here_and_there = torch.where(prediction > 2, 0, 1 / prediction)
    assert torch.isfinite(evaluate_image({"inverse_depth": zeros_here_and_there}, depth, mask, PROTOCOLS[name])).all()


@pytest.mark.parametrize("name", ["nyu", "nyu_lstsq_depth", "kitti_garg_80"])
def test_relative_prediction_needs_an_aligned_protocol(name):
    prediction, depth, mask = scene()
    with pytest.raises(UserError, match=f"'inverse_depth'.*'{name}'.*nyu_lstsq_disparity"):
        evaluate_image({"inverse_depth": 1 / prediction}, depth, mask, PROTOCOLS[name])


def test_each_protocol_says_which_silog():
    prediction, depth, mask = scene()
    d = (prediction.clamp(1e-3, 10).double().log() - depth.double().log())[mask].numpy()
    nyu = evaluate_image({"depth": prediction}, depth, mask, PROTOCOLS["nyu"])[SILOG].item()
    assert nyu == pytest.approx(np.sqrt(np.mean(d**2) - 0.5 * np.mean(d) ** 2), rel=1e-5)
    kitti = evaluate_image({"depth": prediction}, depth, mask, replace(PROTOCOLS["nyu"], silog="kitti"))[SILOG].item()
    assert kitti == pytest.approx(100 * np.std(d), rel=1e-5)


def test_describe_names_everything():
    assert PROTOCOLS["kitti_garg_50"].describe() == (
        "protocol kitti_garg_50: depth 1..50 m (strict), crop garg, alignment none, "
        "silog = 100 * sqrt(mean(d^2) - mean(d)^2)"
    )
    assert PROTOCOLS["nyu"].describe() == (
        "protocol nyu: depth 0.001..10 m (strict), crop none, alignment none, silog = sqrt(mean(d^2) - 0.5 * mean(d)^2)"
    )
    assert "alignment scale >= 0 and shift by least squares, in depth" in PROTOCOLS["nyu_lstsq_depth"].describe()
    assert len({protocol.describe() for protocol in PROTOCOLS.values()}) == len(PROTOCOLS)


def test_get_protocol_names_the_nearest():
    assert get_protocol("kitti_garg_50").max_depth == 50
    with pytest.raises(UserError, match="did you mean 'kitti_garg_80'"):
        get_protocol("kiti_garg80")
    with pytest.raises(UserError, match="no evaluation protocol is called 'xxxx'; expected one of: nyu, "):
        get_protocol("xxxx")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"crop": "gorg"}, "crop='gorg'; expected one of: None, nyu_eigen"),
        ({"alignment": "median"}, "alignment='median'; expected one of: none, median_depth"),
        ({"silog": "eigen"}, "silog='eigen'; expected one of: kitti, half"),
        ({"caps": "open"}, "caps='open'; expected one of: strict, inclusive"),
        ({"min_depth": 0.0}, "0 < min_depth < max_depth"),
    ],
)
def test_a_protocol_of_ones_own_is_checked(change, message):
    with pytest.raises(UserError, match=message):
        replace(PROTOCOLS["nyu"], **change)
    with pytest.raises(FrozenInstanceError):
        PROTOCOLS["nyu"].max_depth = 20


@pytest.mark.parametrize("name", PROTOCOLS)
def test_nothing_waits_for_the_device(name):
    # torch.vmap refuses whatever needs a value on the host: .item(), branches on data, boolean indexing.
    scenes = [scene(seed=seed) for seed in range(3)]
    mapped = torch.vmap(lambda p, d, m: evaluate_image({"depth": p}, d, m, PROTOCOLS[name]))(
        *(torch.stack(column) for column in zip(*scenes, strict=True))
    )
    one_by_one = torch.stack([evaluate_image({"depth": p}, d, m, PROTOCOLS[name]) for p, d, m in scenes])
    torch.testing.assert_close(mapped, one_by_one, rtol=1e-5, atol=1e-6)


def test_a_protocol_from_a_dict():
    own = get_protocol({"min_depth": 0.2, "max_depth": 5.0, "alignment": "lstsq_disparity"})
    assert own == Protocol("custom", 0.2, 5.0, alignment="lstsq_disparity")
    changed = get_protocol({"base": "kitti_garg_80", "max_depth": 50.0})
    assert changed == replace(PROTOCOLS["kitti_garg_80"], name="kitti_garg_80 (changed)", max_depth=50.0)
    assert get_protocol({"base": "nyu", "name": "mine"}).name == "mine"


@pytest.mark.parametrize(
    ("protocol", "message"),
    [
        ({"base": "nyu", "max_dept": 3}, "a protocol has no 'max_dept'; did you mean 'max_depth'?"),
        ({"max_depth": 3.0}, "has no min_depth; add it, or a base"),
        ({"base": "nuy"}, "no evaluation protocol is called 'nuy'; did you mean 'nyu'?"),
        ({"base": "nyu", "crop": "gorg"}, "crop='gorg'; expected one of"),
    ],
)
def test_a_wrong_dict_is_one_line(protocol, message):
    with pytest.raises(UserError, match=re.escape(message)):
        get_protocol(protocol)


@pytest.mark.parametrize("name", ["nyu_eigen", "nyu_lstsq_disparity", "kitti_garg_80_lstsq_disparity"])
def test_the_scored_map_is_what_the_scores_are_of(name):
    """Fitted on the pixels that count alone, and given for the whole image."""
    prediction, depth, mask = scene(480, 640)
    protocol = replace(PROTOCOLS[name], crop=PROTOCOLS[name].crop or "nyu_eigen")
    top, bottom, left, right = crop_box(protocol.crop, 480, 640)
    outside = torch.ones_like(mask)
    outside[..., top:bottom, left:right] = False
    shown = scored_depth({"depth": prediction.where(~outside, 3.0)}, protocol.select(depth, mask), protocol)
    other = scored_depth({"depth": prediction.where(~outside, 9.0)}, protocol.select(depth, mask), protocol)
    assert shown.shape == depth.shape and torch.equal(shown[~outside], other[~outside])
    counted = mask & ~outside
    expected = ((shown - depth).abs() / depth)[counted].double().mean().item()
    row = evaluate_image({"depth": prediction}, depth, mask, protocol)
    assert row[ABS_REL].item() == pytest.approx(expected, rel=1e-5) and row[PIXELS] == counted.sum()


FRAMES = [(375, 1242), (370, 1224), (374, 1238), (370, 1226), (376, 1241)]  # the sizes of KITTI raw
FRACTIONS = {
    "garg": (0.40810811, 0.99189189, 0.03594771, 0.96405229),
    "eigen": (0.3324324, 0.91351351, 0.0359477, 0.96405229),
}


def published(size, window, prediction, depth, of_cropped):
    """abs_rel of one frame as public code has it, from a prediction (352, 1216) for the benchmark's crop of the frame.

    `of_cropped`: the window is in fractions of the cropped frame; else the prediction is pasted into the whole one.
    """
    top, left = size[0] - 352, int((size[1] - 1216) / 2)
    if of_cropped:
        depth = depth[top : top + 352, left : left + 1216]
    else:
        whole = np.zeros(size)
        whole[top : top + 352, left : left + 1216] = prediction
        prediction = whole
    rows, columns = depth.shape
    first, last, start, end = FRACTIONS[window]
    mask = np.zeros(depth.shape)
    mask[int(first * rows) : int(last * rows), int(start * columns) : int(end * columns)] = 1
    counted = (mask > 0) & (depth > 1e-3) & (depth < 80)
    prediction = prediction.clip(1e-3, 80)
    return np.mean(np.abs(prediction - depth)[counted] / depth[counted]), counted.sum()


@pytest.mark.parametrize("size", FRAMES)
@pytest.mark.parametrize("window", FRACTIONS)
def test_both_published_orders_of_the_benchmark_crop(size, window):
    """Whether the data set crops the frames, or the protocol alone does; depth varies with the row, as in streets."""
    rng = np.random.default_rng(0)
    depth = rng.uniform(3, 85, size) * np.linspace(1, 0.05, size[0])[:, None] * (rng.random(size) > 0.7)
    whole = np.clip(depth, 2, 90) * np.exp(rng.normal(0, 0.2, size) * np.linspace(0, 2, size[0])[:, None])
    depth, whole = depth.astype(np.float32), whole.astype(np.float32)
    top, bottom, left, right = crop_box("kb", *size)
    seen = whole[top:bottom, left:right]
    sample = {"image": np.zeros((*size, 3), np.uint8), "depth": depth, "valid_mask": depth > 0, "meta": {"id": "a"}}

    def ours(protocol, prediction, sample):
        arrays = (torch.from_numpy(array.copy())[None] for array in (prediction, sample["depth"], sample["valid_mask"]))
        prediction, *truth = arrays
        row = evaluate_image({"depth": prediction}, *truth, get_protocol(protocol))
        return row[ABS_REL].item(), int(row[PIXELS])

    bts = dict(base=f"kitti_{window}_80", name=f"kitti_bts_{window}_80", crop=None)
    cropped = BenchmarkCrop()(sample, rng)
    answers = {
        True: [ours(f"kitti_kb_{window}_80", whole, sample), ours(f"kitti_kb_{window}_80", seen, cropped)],
        False: [ours(f"kitti_{window}_80", whole, sample), ours(bts, seen, BenchmarkCrop(window)(sample, rng))],
    }
    for of_cropped, scores in answers.items():
        expected, pixels = published(size, window, seen.astype(np.float64), depth.astype(np.float64), of_cropped)
        for score, count in scores:
            assert score == pytest.approx(expected, rel=1e-5) and count == pixels
    assert answers[True][0] != answers[False][0]  # or the order does not matter


@pytest.mark.parametrize("window", FRACTIONS)
def test_of_smaller_frames_there_is_nothing_to_crop(window):
    prediction, depth, mask = scene(188, 620)
    rows = [
        evaluate_image({"depth": prediction}, depth, mask, PROTOCOLS[f"kitti_{kb}{window}_80"]) for kb in ("kb_", "")
    ]
    assert torch.equal(*rows)
