"""Depth errors are computed where the predictions are."""

import pytest
import torch
from support.devices import device_types

from mdetools.evaluation import DepthMetric
from mdetools.testing import example_targets

pytestmark = pytest.mark.gpu


def predictions(quantity, targets, device):
    """A noisy copy of the truth, a dict per image."""
    noise = 1 + 0.2 * torch.rand(targets["depth"].shape, generator=torch.Generator().manual_seed(2))
    truth = targets["depth"] + 0.5
    values = noise * (truth if quantity == "depth" else 3 / truth + 1)
    return [{quantity: one} for one in values.to(device)]


@pytest.mark.parametrize(
    ("protocol", "quantity"),
    [
        ("nyu", "depth"),
        ("kitti_garg_80", "depth"),
        (dict(min_depth=0.1, max_depth=9.0, alignment="lstsq_disparity"), "inverse_depth"),
        (dict(min_depth=0.1, max_depth=9.0, alignment="median_disparity"), "disparity"),
        (dict(min_depth=0.1, max_depth=9.0, alignment="median_depth"), "depth"),
        (dict(min_depth=0.1, max_depth=9.0, alignment="lstsq_depth"), "depth"),
    ],
)
def test_rows_stay_on_the_device_and_are_the_cpus(protocol, quantity, device):
    targets = example_targets((48, 64))  # on the host, as the loader gives it
    found, expected = (DepthMetric(protocol), DepthMetric(protocol))
    for metric, place in ((found, device), (expected, "cpu")):
        metric.process(targets, predictions(quantity, targets, place))
    rows = [result["row"] for result in found.results]
    assert device_types(rows) == ({device.type} - {"cpu"})  # on the CPU they are numbers
    for row, result in zip(rows, expected.results, strict=True):
        torch.testing.assert_close(torch.as_tensor(row).cpu(), torch.tensor(result["row"]), rtol=1e-5, atol=1e-6)
    means = found.evaluate(2)
    assert means == pytest.approx(expected.evaluate(2), rel=1e-5) and 0 < means["abs_rel"] < 0.5
