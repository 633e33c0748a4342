"""The inferencer's maps on the device are those of the CPU."""

import numpy as np
import pytest
import torch

from mdetools.apis import load

pytestmark = pytest.mark.gpu

LARGEST = {"fp32": 2e-3, "bf16": 0.1, "fp16": 0.02}  # of the map's range; convolutions on a GPU may use TF32


@pytest.fixture(scope="module")
def pictures():
    """Nine pictures of two sizes: more than a batch holds, and the last batch is a part of one."""
    rng = np.random.default_rng(0)
    ramps = [
        np.linspace(0, 255, h)[:, None, None] + rng.normal(0, 20, (h, w, 3)) for h, w in [(60, 90)] * 6 + [(90, 60)] * 3
    ]
    return [ramp.clip(0, 255).astype(np.uint8) for ramp in ramps]


@pytest.fixture(scope="module")
def expected(pictures):
    """The maps of the CPU, one picture after the other."""
    return [result.map for result in load("mdetools-tiny", "cpu")(pictures)]


@pytest.mark.parametrize("precision", LARGEST)
def test_maps_are_those_of_the_cpu(pictures, expected, device, precision):
    results = load("mdetools-tiny", str(device), precision=precision, batch_size=4)(pictures)
    assert len(results) == len(expected)
    for result, reference in zip(results, expected, strict=True):
        assert result.map.dtype == np.float32
        assert np.abs(result.map - reference).max() < LARGEST[precision] * np.ptp(reference)


def test_a_compiled_backbone_gives_the_same_maps(pictures, expected, device):
    if device.type == "cpu":
        pytest.skip("compilation takes a C++ compiler here; the hook's test covers what is traced")
    torch._dynamo.reset()
    results = load("mdetools-tiny", str(device), compile_model=True, batch_size=4)(pictures)
    for result, reference in zip(results, expected, strict=True):
        assert np.abs(result.map - reference).max() < LARGEST["fp32"] * np.ptp(reference)


def test_maps_of_many_batches_are_not_those_of_later_ones(device):
    # Values travel to the host while the next batch is computed: a buffer that is used again would show here.
    predict = load("mdetools-tiny", str(device), batch_size=2)
    pictures = [np.full((64, 80, 3), 12 * k, np.uint8) for k in range(20)]
    together = [result.map for result in predict.stream(pictures)]
    for picture, found in zip(pictures, together, strict=True):
        alone = predict(picture)[0].map
        assert np.abs(found - alone).max() < 2e-3 * max(np.ptp(alone), np.abs(alone).max())
