"""The calibrated output against its formulas."""

import numpy as np
import pytest
import torch
from support.models import features
from support.user_errors import user_error

from mdetools.registry import HEADS, OUTPUTS

LOGITS = np.concatenate([np.linspace(-12, 12, 49), [-300, -90, -30, 25, 60]])
DEPTH, INVERSE = 10 / (1 + np.exp(-LOGITS)), np.maximum(LOGITS, 0)
METRIC, RELATIVE = dict(type="SigmoidDepth"), dict(type="ReluInverseDepth")


@pytest.mark.parametrize(
    ("output", "space", "formula"),
    [
        (METRIC, "log_depth", np.exp(0.2) * DEPTH**0.7),
        (METRIC, "depth", 0.7 * DEPTH + 0.2),
        (RELATIVE, "inverse_depth", 1 / np.maximum(0.7 * INVERSE + 0.2, 1 / 4)),
    ],
)
def test_equals_the_formula_within_its_range_of_depths(output, space, formula):
    layer = OUTPUTS.build(
        dict(type="CalibratedOutput", output=output, space=space, scale=0.7, shift=0.2, min_depth=0.25, max_depth=4.0)
    )
    found = layer(torch.from_numpy(LOGITS).float())
    assert layer.quantity == "depth" and layer.initial_logit == layer.output.initial_logit
    np.testing.assert_allclose(found.numpy(), formula.clip(0.25, 4), rtol=1e-5)
    assert len({round(value, 4) for value in found.tolist()}) > 10


@pytest.mark.parametrize(("output", "space"), [(METRIC, "log_depth"), (METRIC, "depth"), (RELATIVE, "inverse_depth")])
def test_gradients_are_finite_and_those_of_differences(output, space):
    layer = OUTPUTS.build(dict(type="CalibratedOutput", output=output, space=space, scale=0.9, shift=0.1))
    logits = torch.tensor([-300.0, -2.0, -0.5, 0.5, 2.0, 90.0]).requires_grad_()
    layer(logits).sum().backward()
    assert logits.grad.isfinite().all()
    inner = layer.double()
    x, step = logits.detach()[1:5].double(), 1e-6
    differences = (inner(x + step) - inner(x - step)) / (2 * step)
    torch.testing.assert_close(logits.grad[1:5].double(), differences, rtol=1e-4, atol=1e-6)


def test_a_head_takes_it_and_predicts_metres():
    source = dict(in_channels=(8, 8, 8, 8), in_strides=(14, 14, 14, 14))
    torch.manual_seed(0)
    calibrated = dict(type="CalibratedOutput", output=RELATIVE, space="inverse_depth", scale=0.5, shift=0.1)
    head = HEADS.build(dict(type="DPTHead", features=8, out_channels=(8, 8, 8, 8), output=calibrated, **source)).eval()
    assert head.output_conv3.bias.item() == 1.0  # a relu's
    maps = features(source, [(2, 3)] * 4)
    depth = head(maps, (28, 42))["depth"]
    head.output = head.output.output
    inverse = head(maps, (28, 42))["inverse_depth"]
    torch.testing.assert_close(depth, 1 / (0.5 * inverse + 0.1).clamp_min(0.1))
    assert inverse.std() > 1e-3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (dict(space="log_dept"), "CalibratedOutput got space='log_dept'; did you mean 'log_depth'?"),
        (dict(space="inverse_depth"), "space 'inverse_depth' takes 'inverse_depth' and its output gives 'depth'"),
        (dict(output=RELATIVE), "space 'depth' takes 'depth' and its output gives 'inverse_depth'"),
        (dict(output=dict(type="SigmoidDisparity")), "its output gives 'disparity'"),
        (dict(scale=0.0), "got scale=0.0"),
        (dict(scale=-1.0), "got scale=-1.0"),
        (dict(scale=float("nan")), "got scale=nan"),
        (dict(min_depth=0.0), "min_depth=0.0"),
        (dict(min_depth=5.0, max_depth=5.0), "min_depth=5.0 and max_depth=5.0"),
    ],
)
def test_what_cannot_be_is_one_line(changes, words):
    config = dict(type="CalibratedOutput", output=METRIC, space="depth", scale=1.0, shift=0.0) | changes
    user_error(lambda: OUTPUTS.build(config), words)
