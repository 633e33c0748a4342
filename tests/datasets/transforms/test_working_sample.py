import ast
from collections import Counter
from pathlib import Path

import numpy as np

from mdetools.datasets import transforms
from mdetools.datasets.transforms.working_sample import IMAGES, apply_to


def test_keys_have_one_home():
    modules = sorted(Path(transforms.__file__).parent.glob("*.py"))
    nodes = [node for module in modules for node in ast.parse(module.read_text()).body]
    names = Counter(node.targets[0].id for node in nodes if isinstance(node, ast.Assign))
    assert names["IMAGES"] == names["MAPS"] == 1


def test_what_is_there_is_changed_and_nothing_else():
    sample = {"image": np.full((2, 2, 3), 4, np.uint8), "depth": np.ones((2, 2), np.float32)}
    changed = apply_to(sample, IMAGES, lambda array: array + 1)
    assert list(changed) == ["image"]
    assert (changed["image"] == 5).all() and (sample["image"] == 4).all()
