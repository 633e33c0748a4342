import ast
from pathlib import Path

import numpy as np

from mdetools.contract import FIELDS
from mdetools.datasets import transforms
from mdetools.datasets.transforms.working_sample import maps_fit, transform_colors, transform_fields


def image(value):
    return np.full((2, 2, 3), value, np.uint8)


def test_no_transform_lists_keys_that_the_table_knows():
    """The names of fields that stand in the code of transforms: those that it treats for what they mean."""
    found = {}
    for module in sorted(Path(transforms.__file__).parent.glob("*.py")):
        strings = {node.value for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Constant)}
        if found_here := strings & FIELDS.keys() - {"image", "meta"}:
            found[module.stem] = found_here
    assert found == {
        "benchmark_crop": {"sky"},
        "clean_view": {"image_clean"},
        "cropping": {"size"},
        "depth_range": {"depth", "valid_mask"},
        "geometric": {"image_right"},
        "inverse_depth": {"depth", "inverse_depth", "sky", "valid_mask"},
    }


def test_what_is_there_is_changed_by_kind_and_nothing_else():
    sample = {"image": image(4), "depth": np.ones((2, 2), np.float32), "meta": {"id": "a"}}
    changed = transform_fields(sample, image=lambda array: array + 1, camera=lambda matrix: 1 / 0)
    assert list(changed) == ["image", "depth", "meta"] and changed["depth"] is sample["depth"]
    assert (changed["image"] == 5).all() and (sample["image"] == 4).all()


def test_colours_of_the_clean_image_stay():
    sample = {"image": image(4), "image_right": image(5), "image_clean": image(6)}
    changed = transform_colors(sample, lambda array: array * 10)
    assert [changed[name].max() for name in sample] == [40, 50, 6]


def test_maps_of_another_size_are_seen():
    assert maps_fit({"image": image(0), "semantic": np.zeros((2, 2), np.int64), "label": 3})
    assert not maps_fit({"image": image(0), "semantic": np.zeros((2, 4), np.int64)})
