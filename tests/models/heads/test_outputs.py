import numpy as np
import pytest
import torch

from mdetools.errors import UserError
from mdetools.registry import OUTPUTS

LOGITS = np.concatenate([np.linspace(-12, 12, 49), [-90, -30, 25, 60]])


@pytest.mark.parametrize(
    ("cfg", "quantity", "formula"),
    [
        (dict(type="SigmoidDepth"), "depth", lambda x: 10 / (1 + np.exp(-x))),
        (dict(type="SigmoidDepth", max_depth=80.0), "depth", lambda x: 80 / (1 + np.exp(-x))),
        (dict(type="SoftplusDepth"), "depth", lambda x: 1e-3 + np.logaddexp(0, x)),
        (dict(type="SoftplusDepth", min_depth=0.5), "depth", lambda x: 0.5 + np.logaddexp(0, x)),
        (dict(type="ReluInverseDepth"), "inverse_depth", lambda x: np.where(x > 0, x, 0)),
        (dict(type="SoftplusInverseDepth"), "inverse_depth", lambda x: np.logaddexp(0, x)),
        (dict(type="SigmoidDisparity"), "disparity", lambda x: 0.3 * len(x) / (1 + np.exp(-x))),
        (dict(type="SigmoidDisparity", max_fraction=0.2), "disparity", lambda x: 0.2 * len(x) / (1 + np.exp(-x))),
        (dict(type="Logits"), "logits", lambda x: x),
    ],
)
def test_equals_the_formula(cfg, quantity, formula):
    output = OUTPUTS.build(cfg)
    values = output(torch.from_numpy(LOGITS).float())
    assert output.quantity == quantity
    np.testing.assert_allclose(values.numpy(), formula(LOGITS), rtol=2e-6, atol=1e-30)


def test_gradients_equal_the_derivatives():
    x = np.linspace(-4, 4, 9)[[0, 1, 2, 3, 5, 6, 7, 8]]
    sigmoid = 1 / (1 + np.exp(-x))
    derivatives = {
        "SigmoidDepth": 10 * sigmoid * (1 - sigmoid),
        "SoftplusDepth": sigmoid,
        "ReluInverseDepth": (x > 0).astype(float),
    }
    for name, expected in derivatives.items():
        logits = torch.from_numpy(x).requires_grad_()
        OUTPUTS.build(dict(type=name))(logits).sum().backward()
        np.testing.assert_allclose(logits.grad.numpy(), expected, rtol=1e-9, err_msg=name)


def test_logits_are_float32():
    logits = torch.randn(2, 5, 3, 4, generator=torch.Generator().manual_seed(0)).bfloat16()
    found = OUTPUTS.build(dict(type="Logits"))(logits)
    assert found.dtype == torch.float32
    assert torch.equal(found.bfloat16(), logits)


def test_disparity_is_in_pixels_of_the_width():
    """Maps of one network at two sizes mean the same fraction of the width."""
    output = OUTPUTS.build(dict(type="SigmoidDisparity"))
    logits = torch.randn(2, 1, 3, 8, generator=torch.Generator().manual_seed(0))
    small, large = output(logits), output(logits.repeat_interleave(2, -1))
    torch.testing.assert_close(large, 2 * small.repeat_interleave(2, -1))


def test_disparity_starts_at_some_metres():
    """On KITTI, where the focal length is 721 and the width 1242 pixels, and the baseline 0.54 m."""
    output = OUTPUTS.build(dict(type="SigmoidDisparity"))
    start = output(torch.full((1, 1, 1, 1242), output.initial_logit))
    assert (721 * 0.54 / start).mean().item() == pytest.approx(8.8, abs=0.1)


def test_a_misspelt_output_names_the_nearest():
    with pytest.raises(UserError, match="no output is called 'SigmoidDept'; did you mean 'SigmoidDepth'"):
        OUTPUTS.build(dict(type="SigmoidDept"))
