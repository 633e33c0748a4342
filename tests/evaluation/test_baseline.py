import numpy as np
import pytest
import torch

from mdetools.errors import UserError
from mdetools.evaluation import PROTOCOLS, constant_metrics, median_depth


def samples(count=5, farthest=12.0):
    generator = np.random.default_rng(3)
    for _ in range(count):
        depth = torch.tensor(generator.gamma(2.0, farthest / 8, (1, 30, 40)), dtype=torch.float32)
        yield {"depth": depth, "valid_mask": torch.tensor(generator.random((1, 30, 40)) > 0.5)}


@pytest.mark.parametrize("farthest", [12.0, 200.0])
def test_median_to_a_millimetre(farthest):
    together = np.concatenate([s["depth"][s["valid_mask"]].numpy() for s in samples(farthest=farthest)])
    # The data's own gap at the median is added: 3000 values in 200 m leave some.
    gap = float(np.diff(np.sort(together)[len(together) // 2 - 1 : len(together) // 2 + 2]).max())
    assert median_depth(samples(farthest=farthest)) == pytest.approx(np.median(together), abs=1e-3 + gap)


def test_median_is_over_pixels_not_images_and_ignores_the_masked():
    sparse = {"depth": torch.tensor([[[9.0, 9.0, 9.0]]]), "valid_mask": torch.tensor([[[True, False, False]]])}
    dense = {"depth": torch.tensor([[[2.0, 2.0, 3.0]]]), "valid_mask": torch.ones(1, 1, 3, dtype=torch.bool)}
    assert median_depth([sparse, dense]) == pytest.approx(2.0, abs=1e-3)
    beyond = {"depth": torch.full((1, 1, 9), 5e6), "valid_mask": torch.ones(1, 1, 9, dtype=torch.bool)}
    assert median_depth([beyond]) == pytest.approx(1000.0, abs=1e-3)


def test_median_of_nothing_is_told():
    hole = {"depth": torch.zeros(1, 2, 2), "valid_mask": torch.zeros(1, 2, 2, dtype=torch.bool)}
    with pytest.raises(UserError, match="no valid depth"):
        median_depth([hole])


def test_constant_metrics_are_means_over_images():
    constant = 2.5
    truths = [s["depth"][s["valid_mask"]].double().numpy() for s in samples()]
    truths = [t[(t > 1e-3) & (t < 10)] for t in truths]
    metrics = constant_metrics(samples(), constant, PROTOCOLS["nyu"])
    assert metrics["abs_rel"] == pytest.approx(np.mean([np.mean(np.abs(constant - t) / t) for t in truths]), rel=1e-5)
    d1 = [np.mean(np.maximum(t / constant, constant / t) < 1.25) for t in truths]
    assert metrics["d1"] == pytest.approx(np.mean(d1), rel=1e-5)
    # Least squares makes any constant the mean.
    aligned = constant_metrics(samples(), 7.7, PROTOCOLS["nyu_lstsq_depth"])
    assert aligned["mae"] == pytest.approx(np.mean([np.mean(np.abs(t.mean() - t)) for t in truths]), rel=1e-5)
