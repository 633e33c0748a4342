"""Pictures are prepared, and maps restored, as the test pipeline and torch do it, with numpy and OpenCV alone."""

import ast
import importlib.util
import inspect
import sys

import numpy as np
import pytest
import torch
from support.exports import pictures
from support.paths import ROOT

from mdetools.apis.export import picture as own
from mdetools.apis.export.description import resize_facts
from mdetools.apis.map_difference import made_up_picture
from mdetools.contract import QUANTITIES
from mdetools.datasets.transforms.geometric import lower_bound_size
from mdetools.registry import TRANSFORMS

RUNNER = ROOT / "examples" / "onnx_runner.py"
RULES = [
    dict(type="Resize", size=518, multiple_of=14),
    dict(type="Resize", size=140, multiple_of=14, resize_depth=False),
    dict(type="Resize", size=64, multiple_of=16, interpolation="area"),
    dict(type="Resize", size=(188, 620), multiple_of=1, keep_aspect=False, interpolation="area"),
    dict(type="Resize", size=(70, 112), multiple_of=14, keep_aspect=False),
]


@pytest.mark.parametrize("rule", RULES)
def test_sizes_are_those_of_the_transform(rule):
    facts, rng = resize_facts(rule), np.random.default_rng(0)
    for height, width in rng.integers(100, 1500, (2000, 2)).tolist():
        expected = lower_bound_size(
            height, width, tuple(facts["size"]), rule["multiple_of"], rule.get("keep_aspect", True)
        )
        assert own.network_size(height, width, facts) == expected


def test_a_picture_that_becomes_too_large_is_refused():
    with pytest.raises(ValueError, match="a picture of 32x16000 would become 518x259000, too large"):
        own.network_size(32, 16000, resize_facts(RULES[0]))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("size", [(480, 640), (375, 1242), (300, 200)])
def test_the_networks_image_is_that_of_the_pipeline(rule, size):
    picture, mean, std = made_up_picture(*size), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    resized = TRANSFORMS.build(rule)({"image": picture, "meta": {"id": ""}}, None)["image"]
    expected = (resized.astype(np.float64) / 255 - mean) / std
    found = own.prepare(picture, {"resize": resize_facts(rule), "normalize": {"mean": mean, "std": std}})
    assert found.dtype == np.float32 and found.shape == (1, 3, *resized.shape[:2])
    np.testing.assert_allclose(found[0].transpose(1, 2, 0), expected, atol=1e-6)


@pytest.mark.parametrize(("small", "large"), [((37, 49), (480, 640)), ((518, 686), (375, 200)), ((1, 2), (5, 1))])
@pytest.mark.parametrize(
    ("name", "resize", "scales"),
    [("depth", "aligned", False), ("logits", "centred", False), ("disparity", "centred", True)],
)
def test_maps_come_back_as_the_quantity_does(small, large, name, resize, scales):
    rng = np.random.default_rng(0)
    values = rng.random((1, 5 if name == "logits" else 1, *small), dtype=np.float32)
    expected = QUANTITIES[name].resize(torch.from_numpy(values).double(), large)[0].numpy()
    found = own.restore(values, {"resize": resize, "scales_with_width": scales}, *large)
    np.testing.assert_allclose(found, expected if name == "logits" else expected[0], rtol=1e-5, atol=1e-5)


def test_scores_stay_as_they_are():
    values = np.arange(4, dtype=np.float32)[None]
    np.testing.assert_array_equal(own.restore(values, {"resize": None}, 5, 6), [0, 1, 2, 3])


def test_the_runner_has_the_same_functions_and_needs_nothing_else():
    spec = importlib.util.spec_from_file_location("onnx_runner", RUNNER)
    names = {alias.name for node in ast.walk(ast.parse(RUNNER.read_text())) for alias in getattr(node, "names", [])}
    modules = {node.module for node in ast.walk(ast.parse(RUNNER.read_text())) if isinstance(node, ast.ImportFrom)}
    assert names - set(sys.stdlib_module_names) - {"Path"} == {"cv2", "numpy", "onnxruntime"} and modules == {"pathlib"}
    text = RUNNER.read_text()
    for name in own.__all__:
        assert inspect.getsource(getattr(own, name)) in text, name
    assert spec is not None


def test_the_three_pictures_have_three_aspects(tmp_path):
    import cv2

    aspects = [image.shape[1] / image.shape[0] for image in map(cv2.imread, map(str, pictures(tmp_path)))]
    assert len({round(aspect, 1) for aspect in aspects}) == 3
