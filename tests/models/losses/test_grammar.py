"""The tests of each loss open alike, so that what one of them lacks is seen."""

import ast
from pathlib import Path

import pytest

from mdetools.registry import LOSSES

GRAMMAR = ["value", "gradient", "empty", "half_precision", "battery", "what_is_missing_is_named"]
FILES = [path for path in sorted(Path(__file__).parent.glob("test_*.py")) if "\ndef test_battery(" in path.read_text()]


def test_every_loss_has_its_tests():
    own = {name for name, loss in LOSSES.module_dict.items() if loss.__module__.startswith("mdetools.")}
    text = "".join(path.read_text() for path in FILES)
    assert [name for name in own if f'"{name}"' not in text] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_order(path):
    tests = [node.name for node in ast.parse(path.read_text()).body if getattr(node, "name", "").startswith("test_")]
    assert tests[: len(GRAMMAR)] == [f"test_{name}" for name in GRAMMAR]
