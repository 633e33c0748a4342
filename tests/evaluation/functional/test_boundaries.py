"""Both boundary F1 scores against their definitions written out in loops over pixels, in float64."""

import numpy as np
import pytest
import torch

from mdetools.evaluation import PROTOCOLS, columns_of, evaluate_image
from mdetools.evaluation.functional import boundary_f1_depth_pro, boundary_f1_moge
from mdetools.evaluation.functional.boundaries import DEPTH_PRO_THRESHOLDS, MOGE_THRESHOLDS, level

HEIGHT, WIDTH = 14, 19


def depth_pro_in_loops(prediction, target):
    """The published definition, without a mask, on inverse depth."""
    predicted, true = (1 / np.maximum(depth, 1e-6) for depth in (prediction, target))
    rows, columns = true.shape
    thresholds = [1.05 + k * 0.2 / 9 for k in range(10)]
    score = 0.0
    for t in thresholds:
        precision, recall = [], []
        for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            hits = of_prediction = of_truth = 0
            for y in range(rows):
                for x in range(columns):
                    v, u = y + down, x + right
                    if 0 <= v < rows and 0 <= u < columns:
                        edge, true_edge = predicted[v, u] / predicted[y, x] > t, true[v, u] / true[y, x] > t
                        hits += edge and true_edge
                        of_prediction += edge
                        of_truth += true_edge
            precision.append(hits / max(of_prediction, 1))
            recall.append(hits / max(of_truth, 1))
        p, r = np.mean(precision), np.mean(recall)
        score += (2 * p * r / (p + r) if p + r else 0.0) * t / sum(thresholds)
    return score


def moge_in_loops(prediction, target, mask, radius):
    """The published definition: pairs within a circle, both valid, first pixels `radius` from the image's edge."""
    rows, columns = target.shape
    thresholds = [0.05 + k * 0.2 / 9 for k in range(10)]
    circle = [
        (down, right)
        for down in range(-radius, radius + 1)
        for right in range(-radius, radius + 1)
        if np.hypot(down, right) <= radius
    ]
    score = 0.0
    for t in thresholds:
        hits = of_prediction = of_truth = 0
        for y in range(radius, rows - radius):
            for x in range(radius, columns - radius):
                for down, right in circle:
                    v, u = y + down, x + right
                    if mask[y, x] and mask[v, u]:
                        edge = prediction[v, u] / prediction[y, x] > 1 + t
                        true_edge = target[v, u] / target[y, x] > 1 + t
                        hits += edge and true_edge
                        of_prediction += edge
                        of_truth += true_edge
        p, r = hits / max(of_prediction, 1), hits / max(of_truth, 1)
        score += (2 * p * r / (p + r) if p + r else 0.0) * t / sum(thresholds)
    return score


def boxes(rng, count=5):
    """Fronto-parallel boxes before a slanted wall."""
    depth = np.linspace(3, 5, WIDTH)[None] + np.zeros((HEIGHT, 1))
    for _ in range(count):
        top, left = rng.integers(HEIGHT - 3), rng.integers(WIDTH - 4)
        depth[top : top + rng.integers(2, 8), left : left + rng.integers(2, 8)] = rng.uniform(1, 4)
    return depth


def maps(kind, seed):
    """A prediction, a truth and a mask."""
    rng = np.random.default_rng(seed)
    if kind == "random":
        target = rng.uniform(1, 1.4, (HEIGHT, WIDTH))
        prediction = target * rng.uniform(0.95, 1.05, target.shape)
    elif kind == "boxes":
        target = boxes(rng)
        prediction = target * rng.uniform(0.99, 1.01, target.shape)
    elif kind == "shifted":
        target = boxes(rng)
        prediction = 7 * np.roll(target, 1, 1)
    elif kind == "blurred":
        target = boxes(rng)
        prediction = sum(np.roll(target, step, axis) for step in (-1, 0, 1) for axis in (0, 1)) / 6
    else:  # ratios that are the thresholds: 5/4, 21/20
        target = rng.choice([4.0, 5.0, 20.0, 21.0], (HEIGHT, WIDTH))
        prediction = rng.choice([4.0, 5.0, 20.0, 21.0], (HEIGHT, WIDTH))
    return prediction, target, rng.random(target.shape) > 0.2


CASES = [(kind, seed) for kind in ("random", "boxes", "shifted", "blurred") for seed in range(3)]


@pytest.mark.parametrize(("kind", "seed"), CASES)
def test_depth_pro_is_its_definition(kind, seed):
    prediction, target, _ = maps(kind, seed)
    expected = depth_pro_in_loops(prediction, target)
    ours = boundary_f1_depth_pro(*(torch.from_numpy(depth)[None] for depth in (prediction, target)))
    assert ours.item() == pytest.approx(expected, rel=1e-12) and 0 < expected < 1


@pytest.mark.parametrize(("kind", "seed"), CASES)
def test_moge_is_its_definition(kind, seed):
    prediction, target, mask = maps(kind, seed)
    target[~mask], prediction[~mask] = 0, np.nan  # what the mask leaves out does not matter
    arguments = [torch.from_numpy(values)[None] for values in (prediction, target, mask)]
    for radius, ours in boundary_f1_moge(*arguments).items():
        expected = moge_in_loops(prediction, target, mask, radius)
        assert ours.item() == pytest.approx(expected, rel=1e-12) and 0 < expected < 1


@pytest.mark.parametrize("radius", [1, 2, 3, 5])
def test_a_radius_alone_scores_as_among_others(radius):
    arguments = [torch.from_numpy(values)[None] for values in maps("boxes", 4)]
    alone = boundary_f1_moge(*arguments, radii=(radius,))
    assert alone[radius] == boundary_f1_moge(*arguments, radii=(3, 1, 2, 5))[radius]


def test_a_hole_is_the_nearest_to_depth_pro():
    prediction, target, mask = maps("boxes", 0)
    target[~mask] = 0
    ours = boundary_f1_depth_pro(*(torch.from_numpy(depth)[None] for depth in (prediction, target)))
    assert ours.item() == pytest.approx(depth_pro_in_loops(prediction, target), rel=1e-12)
    assert ours < 0.8 * depth_pro_in_loops(prediction, maps("boxes", 0)[1])  # its rim is an edge that nobody predicts


@pytest.mark.parametrize("score", [boundary_f1_depth_pro, lambda p, t: boundary_f1_moge(p, t, t > 0)[1]])
def test_what_the_scores_say(score):
    """The truth itself has 1, at any scale; a flat map 0; edges of the wrong sign 0; the two need not agree."""
    target = torch.from_numpy(boxes(np.random.default_rng(1)))[None]
    assert score(target, target).item() == pytest.approx(1) and score(9 * target, target).item() == pytest.approx(1)
    flat = torch.ones_like(target)
    assert score(flat, target) == score(target, flat) == score(flat, flat) == 0
    assert score(1 / target, target) == 0
    assert score(target.roll(1, -1), target) < 0.7


def test_ratios_at_a_threshold_are_no_edges():
    """In both definitions an edge is above the threshold, not at it: of 1.25 in float64 that can be told."""
    target = torch.tensor([[[4.0, 5.0], [4.0, 5.0]]], dtype=torch.float64)
    prediction = torch.tensor([[[4.0, 6.0], [4.0, 6.0]]], dtype=torch.float64)
    expected = depth_pro_in_loops(prediction[0].numpy(), target[0].numpy())
    assert boundary_f1_depth_pro(prediction, target).item() == pytest.approx(expected, rel=1e-12)
    kinds = [maps("levels", seed) for seed in range(3)]
    for prediction, target, mask in kinds:
        arguments = [torch.from_numpy(values)[None] for values in (prediction, target, mask)]
        expected = moge_in_loops(prediction, target, mask, 2)
        assert boundary_f1_moge(*arguments)[2].item() == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (3, 2), (6, 6)])
def test_images_smaller_than_the_circle_score_zero_or_their_pairs(size):
    rng = np.random.default_rng(0)
    prediction, target = rng.uniform(1, 2, size), rng.uniform(1, 2, size)
    mask = np.ones(size, bool)
    arguments = [torch.from_numpy(values)[None] for values in (prediction, target, mask)]
    assert boundary_f1_depth_pro(*arguments[:2]).item() == pytest.approx(depth_pro_in_loops(prediction, target))
    for radius, ours in boundary_f1_moge(*arguments).items():
        assert ours.item() == pytest.approx(moge_in_loops(prediction, target, mask, radius))


@pytest.mark.parametrize("name", ["nyu", "nyu_lstsq_disparity", "kitti_garg_80"])
def test_as_measures_they_score_the_protocols_depth(name):
    """In the crop, aligned, clamped; MoGe's over the pixels that count; and nothing waits for the device."""
    protocol = PROTOCOLS[name]
    stacked = [
        torch.from_numpy(np.stack(part)) for part in zip(*(maps("boxes", seed) for seed in range(3)), strict=True)
    ]
    predicted, depth, mask = stacked[0].float()[:, None], stacked[1].float()[:, None], stacked[2][:, None]
    measures = ["boundary_f1_depth_pro", "boundary_f1_moge"]
    assert columns_of(measures) == {
        "boundary_f1_depth_pro": True,
        **{f"boundary_f1_moge_{radius}": True for radius in (1, 2, 3)},
    }

    def score(p, d, m):
        return evaluate_image({"depth": p}, d, m, protocol, measures)

    mapped = torch.vmap(score)(predicted, depth, mask)
    window = (slice(None), *protocol.window(HEIGHT, WIDTH))
    for row, p, d, m in zip(mapped, predicted, depth, mask, strict=True):
        torch.testing.assert_close(row, score(p, d, m))
        p, d, m = (values[window][0].double().numpy() for values in (p, d, m))
        if "lstsq" in name:
            inside = m > 0
            system = np.stack([1 / p[inside], np.ones(inside.sum())], 1)
            scale, shift = np.linalg.lstsq(system, 1 / d[inside], rcond=None)[0]
            p = np.clip(1 / (scale / p + shift), 1e-3, 10)
        assert row[0].item() == pytest.approx(depth_pro_in_loops(p, d), abs=0.02)
        assert row[1].item() == pytest.approx(moge_in_loops(p, d, m > 0, 1), abs=0.02)


def test_the_number_of_thresholds_that_a_ratio_exceeds_is_that_of_comparisons():
    ratios = np.concatenate([np.random.default_rng(0).uniform(0.9, 1.4, 5000), [0, 1, 5 / 4, 1e9, np.inf]])
    for thresholds in (DEPTH_PRO_THRESHOLDS, 1 + MOGE_THRESHOLDS):
        found = level(torch.from_numpy(ratios.astype(np.float32)), thresholds)
        np.testing.assert_array_equal(found.numpy(), (ratios[:, None] > thresholds).sum(1))
        assert level(torch.tensor([float("nan")]), thresholds) == 0
