import numpy as np
import pytest
import torch
import torchmetrics.regression as peers

from mdetools.evaluation.functional.depth_errors import DEPTH_ERRORS, SILOG_DEFINITIONS, depth_errors


def random_pair(seed=0, size=(37, 53), dtype=torch.float32):
    generator = np.random.default_rng(seed)
    target = generator.uniform(0.3, 9.0, (1, *size))
    prediction = target * np.exp(generator.normal(0.05, 0.3, target.shape))
    mask = generator.random(target.shape) > 0.3
    target[~mask] = 0
    return torch.tensor(prediction, dtype=dtype), torch.tensor(target, dtype=dtype), torch.tensor(mask)


def formulas(prediction, target, mask, silog):
    """The definitions, in float64, on the picked pixels alone."""
    p, t = prediction[mask].double().numpy(), target[mask].double().numpy()
    ratio, d = np.maximum(p / t, t / p), np.log(p) - np.log(t)
    return {
        "d1": np.mean(ratio < 1.25),
        "d2": np.mean(ratio < 1.5625),
        "d3": np.mean(ratio < 1.953125),
        "abs_rel": np.mean(np.abs(p - t) / t),
        "sq_rel": np.mean((p - t) ** 2 / t),
        "rmse": np.sqrt(np.mean((p - t) ** 2)),
        "rmse_log": np.sqrt(np.mean(d**2)),
        "log10": np.mean(np.abs(np.log10(p) - np.log10(t))),
        "mae": np.mean(np.abs(p - t)),
        "silog": {
            "kitti": 100 * np.sqrt(np.mean(d**2) - np.mean(d) ** 2),
            "half": np.sqrt(np.mean(d**2) - 0.5 * np.mean(d) ** 2),
        }[silog],
    }


@pytest.mark.parametrize("silog", SILOG_DEFINITIONS)
@pytest.mark.parametrize("seed", range(4))
def test_against_the_formulas(seed, silog):
    pair = random_pair(seed)
    measured = depth_errors(*pair, silog=silog)
    expected = formulas(*pair, silog)
    assert tuple(measured) == DEPTH_ERRORS
    for name in DEPTH_ERRORS:
        assert measured[name].item() == pytest.approx(expected[name], rel=2e-6), name


@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("abs_rel", peers.MeanAbsolutePercentageError()),
        ("mae", peers.MeanAbsoluteError()),
        ("rmse", peers.MeanSquaredError(squared=False)),
    ],
)
def test_against_torchmetrics(name, peer):
    prediction, target, mask = random_pair(7)
    assert depth_errors(prediction, target, mask)[name].item() == pytest.approx(
        peer(prediction[mask], target[mask]).item(), rel=2e-6
    )


def test_perfect_prediction():
    _, target, mask = random_pair()
    measured = depth_errors(target.clone(), target, mask)
    assert {name: value.item() for name, value in measured.items()} == {
        name: float(name in ("d1", "d2", "d3")) for name in DEPTH_ERRORS
    }


def test_silog_definitions_differ_by_what_they_make_of_a_wrong_scale():
    _, target, mask = random_pair()
    prediction = target * 1.7
    assert depth_errors(prediction, target, mask, "kitti")["silog"].item() == pytest.approx(0, abs=2e-5)
    half = depth_errors(prediction, target, mask, "half")["silog"].item()
    assert half == pytest.approx(np.sqrt(0.5) * np.log(1.7), rel=1e-5)


def test_silog_survives_float32_where_only_the_scale_is_far_off():
    # mean(d^2) - mean(d)^2 in float32 gives 0 or NaN here; the true value is 100 * 1e-4.
    noise = torch.tensor([1.0, -1.0]).repeat(2000).double() * 1e-4
    target = torch.full((4000,), 2.0, dtype=torch.float64)
    prediction = target * torch.exp(4.0 + noise)
    mask = torch.ones(4000, dtype=torch.bool)
    silog = depth_errors(prediction.float(), target.float(), mask)["silog"].item()
    assert silog == pytest.approx(1e-2, rel=5e-3)


def test_what_is_masked_does_not_matter():
    prediction, target, mask = random_pair()
    expected = depth_errors(prediction, target, mask)
    prediction, target = prediction.masked_fill(~mask, torch.nan), target.masked_fill(~mask, -torch.inf)
    assert depth_errors(prediction, target, mask) == expected


def test_no_valid_pixel_is_zero_not_nan():
    prediction, target, mask = random_pair()
    measured = depth_errors(prediction, target, torch.zeros_like(mask))
    assert [value.item() for value in measured.values()] == [0.0] * len(DEPTH_ERRORS)


def test_a_nan_on_a_valid_pixel_is_not_hidden():
    prediction, target, mask = random_pair()
    prediction[mask] = prediction[mask].index_fill(0, torch.tensor([5]), torch.nan)
    assert depth_errors(prediction, target, mask)["abs_rel"].isnan()


def test_half_precision_is_computed_in_float32():
    prediction, target, mask = random_pair(dtype=torch.float16, size=(200, 300))
    measured = depth_errors(prediction, target, mask)
    expected = formulas(prediction, target, mask, "kitti")
    for name in DEPTH_ERRORS:
        assert measured[name].item() == pytest.approx(expected[name], rel=5e-6), name


def test_nothing_waits_for_the_device():
    # torch.vmap refuses whatever needs a value on the host: .item(), branches on data, boolean indexing.
    pairs = [random_pair(seed) for seed in range(3)]
    mapped = torch.vmap(depth_errors)(*(torch.stack(column) for column in zip(*pairs, strict=True)))
    for i, pair in enumerate(pairs):
        for name, value in depth_errors(*pair).items():
            assert mapped[name][i].item() == pytest.approx(value.item(), rel=1e-6)
