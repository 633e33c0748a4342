"""When a calibration is kept and when not, on frames whose truth is made from their maps."""

import json

import numpy as np
import pytest
import torch

from mdetools.apis.calibration import calibrate, describe, facts
from mdetools.apis.calibration.fitting import blocks, fit_space, pixels_of
from mdetools.apis.calibration.frames import Frame
from mdetools.evaluation import bootstrap_interval, get_protocol

NYU = get_protocol("nyu")
SIZE = (12, 16)


def frames(count=10, to_depth=lambda x: 1.3 * x**0.9, noise=0.05, valid=None, seed=0):
    """Maps between 0.5 and 6.5 with the depth that a function gives of them, but for noise."""
    rng, made = np.random.default_rng(seed), []
    for index in range(count):
        values = rng.uniform(0.5, 6.5, (1, *SIZE))
        depth = to_depth(values) * np.exp(rng.normal(0, noise, values.shape))
        mask = np.ones((1, *SIZE), bool) if valid is None else valid(index, rng)
        made.append(
            Frame(f"{index}", torch.from_numpy(values).float(), torch.from_numpy(depth).float(), torch.from_numpy(mask))
        )
    return made


def test_scores_are_those_of_the_other_folds_fit():
    """Recomputed here: folds of two neighbours, numpy's least squares of the logarithms, no noise that is wild."""
    some = frames(10, noise=0.02)
    outcome = calibrate(some, "depth", NYU)
    assert not outcome.refusal and outcome.fit.space == "log_depth" and outcome.frames == [str(i) for i in range(10)]
    expected = []
    for index in range(10):
        others = [frame for other, frame in enumerate(some) if other // 2 != index // 2]
        x = np.log(torch.cat([frame.values for frame in others]).numpy().ravel())
        y = np.log(torch.cat([frame.depth for frame in others]).numpy().ravel())
        slope, intercept = np.linalg.lstsq(np.stack([x, np.ones_like(x)], 1), y, rcond=None)[0]
        truth, values = some[index].depth.numpy(), some[index].values.numpy()
        expected.append(np.mean(np.abs(np.exp(intercept) * values**slope - truth) / truth))
    found = outcome.rows["after"].values[:, outcome.rows["after"].columns.index("abs_rel")]
    np.testing.assert_allclose(found, expected, rtol=0.02)
    before = [np.mean(np.abs(frame.values - frame.depth).numpy() / frame.depth.numpy()) for frame in some]
    assert outcome.rows["before"].mean()["abs_rel"] == pytest.approx(np.mean(before), rel=1e-5)
    gain, low, high = outcome.gain
    assert (low, high) == pytest.approx(tuple(map(float, bootstrap_interval(found - before))), abs=1e-6)
    assert gain == pytest.approx(np.mean(found - before), abs=1e-6) and low < gain < high < 0


@pytest.mark.parametrize(
    ("to_depth", "quantity", "space", "numbers"),
    [
        (lambda x: 1.3 * x**0.9, "depth", "log_depth", (0.9, np.log(1.3))),
        (lambda x: 0.5 * x**1.2, "depth", "log_depth", (1.2, np.log(0.5))),
        (lambda x: 1.1 * x + 0.8, "depth", "depth", (1.1, 0.8)),
        (lambda x: 1 / (0.2 * x + 0.1), "inverse_depth", "inverse_depth", (0.2, 0.1)),
    ],
)
def test_the_space_of_the_fault_is_found(to_depth, quantity, space, numbers):
    outcome = calibrate(frames(to_depth=to_depth), quantity, NYU)
    assert not outcome.refusal
    assert outcome.fit.space == space
    assert (outcome.fit.scale, outcome.fit.shift) == pytest.approx(numbers, abs=0.02)
    assert outcome.compared == ("before" if quantity == "depth" else "constant")
    assert ("before" in outcome.rows) == (quantity == "depth")


def test_every_frame_has_the_same_weight():
    """Nine frames with four known pixels each outweigh the one that is full."""
    few = np.zeros((1, *SIZE), bool)
    few[0, ::6, ::8] = True
    some = frames(9, noise=0, valid=lambda *_: few) + frames(1, lambda x: 3 * x, noise=0)
    fit = fit_space("log_depth", pixels_of(some, "depth", NYU), NYU)
    assert (fit.scale, fit.shift) == pytest.approx((0.9, np.log(1.3)), abs=0.01)


@pytest.mark.parametrize("count", [5, 7, 10, 20])
def test_folds_are_of_neighbours(count):
    folds = blocks(count, 5)
    assert [index for fold in folds for index in fold] == list(range(count))
    assert all(len(fold) in (count // 5, -(-count // 5)) for fold in folds)


def unknown(*_):
    return np.zeros((1, *SIZE), bool)


REFUSED = {
    "right": (dict(to_depth=lambda x: x), "depth", "not better on held-out folds: abs_rel 0.0"),
    "nearly right": (dict(to_depth=lambda x: 1.001 * x), "depth", "not better on held-out folds"),
    "no depth": (dict(valid=unknown), "depth", "no valid pixels: of 10 frames, 10 have no valid pixel in 0.001..10 m"),
    "out of range": (dict(to_depth=lambda x: x + 20), "depth", "no valid pixels"),
    "few frames": (dict(count=4), "depth", "too few frames, 4 with valid pixels: of 4 frames"),
    "few known": (
        dict(valid=lambda i, _: np.full((1, *SIZE), i < 3)), "depth", "too few frames, 3 with valid pixels: of 10",
    ),
    "mirrored": (dict(to_depth=lambda x: 9 - x), "depth", "the scale in space 'log_depth' would be -"),
    "inverse for depth": (dict(to_depth=lambda x: x), "inverse_depth", "the scale in space 'inverse_depth' would be -"),
    "unrelated": (dict(to_depth=lambda x: np.full_like(x, 3), noise=0.3), "inverse_depth", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_it_says_no_and_why(case):
    options, quantity, reason = REFUSED[case]
    outcome = calibrate(frames(**options), quantity, NYU)
    assert outcome.refusal.startswith(reason) and outcome.refusal
    assert outcome.refusal.isprintable() and len(outcome.refusal) < 300
    told = json.loads(json.dumps(facts(outcome), allow_nan=False))
    assert (told["kept"], told["refusal"]) == (False, outcome.refusal)
    assert describe(outcome).startswith("protocol nyu: ")


@pytest.mark.parametrize("value", [0.0, 2.5])
@pytest.mark.parametrize("quantity", ["depth", "inverse_depth"])
def test_a_constant_map_is_refused(value, quantity):
    some = [
        Frame(frame.name, torch.full_like(frame.values, value), frame.depth, frame.valid_mask) for frame in frames()
    ]
    assert "the model's map is constant" in calibrate(some, quantity, NYU).refusal


def test_numbers_that_are_not_finite_are_refused():
    some = frames()
    some[3].values[0, 0, 0] = float("nan")
    assert "not finite" in calibrate(some, "inverse_depth", NYU).refusal


def test_a_fault_of_each_frames_own_is_not_repaired():
    """Scales that change from frame to frame, up as often as down."""
    some = []
    for index, factor in enumerate([0.6, 1.5, 0.7, 1.4, 0.6, 1.6, 0.7, 1.5, 0.6, 1.5]):
        some += frames(1, lambda x, factor=factor: factor * x, seed=index)
    refusal = calibrate(some, "depth", NYU).refusal
    assert "better on held-out folds" in refusal or "but not surely, on held-out folds" in refusal


def test_frames_without_a_pixel_are_left_out_and_counted():
    outcome = calibrate(frames(12, valid=lambda i, _: np.full((1, *SIZE), i not in (0, 7))), "depth", NYU)
    assert outcome.left_out == 2 and len(outcome.frames) == 10 and "0" not in outcome.frames
    assert "10 frames, 2 without a valid pixel left out" in describe(outcome)
