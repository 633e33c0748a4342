import ast

import pytest
import torch
from support.paths import ROOT

from mdetools.contract import FIELDS, QUANTITIES, Field, check_known, names_of
from mdetools.contract.types import Prediction, Targets
from mdetools.errors import UserError


def test_names_by_kind_in_the_tables_order():
    sample = ["meta", "semantic", "depth", "baseline", "image_right", "image", "intrinsics"]
    assert names_of(sample, "image", "map") == ["image", "image_right", "depth", "semantic"]
    assert names_of(sample, "camera") == ["intrinsics"]
    assert names_of(sample, "points") == []


def test_an_unknown_key_is_one_line_with_the_nearest():
    check_known(FIELDS, "the sample")
    with pytest.raises(
        UserError, match=r"the sample 'a' has the key 'regoin'.*did you mean 'region'\?.*FIELDS\['name'\]"
    ):
        check_known({"image": 0, "regoin": 0}, "the sample 'a'")


def test_a_line_of_ones_own_is_known(monkeypatch):
    monkeypatch.setitem(FIELDS, "normals", Field("map", torch.float32, "3HW", mirror=(-1, 1, 1)))
    check_known({"normals": 0}, "it")
    assert names_of(["normals", "image"], "map") == ["normals"] and FIELDS["normals"].channels == 3


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.dtype is not None])
def test_holes_fit_their_type(name):
    field = FIELDS[name]
    hole = torch.full((), field.hole, dtype=field.dtype)
    assert field.dtype.is_floating_point or hole.item() == field.hole


def test_the_annotations_name_what_the_tables_hold():
    assert set(Targets.__annotations__) == FIELDS.keys()
    assert set(Prediction.__annotations__) == {*QUANTITIES, "pyramid", "features"}


def strings_in(folder):
    """Keys of fields and quantities that stand as strings in the code of a folder, by file."""
    known = (FIELDS.keys() | QUANTITIES.keys()) - {"image", "meta", "features", "size"}
    found = {}
    for path in sorted((ROOT / "mdetools" / folder).rglob("*.py")):
        tree = ast.parse(path.read_text())
        constants = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        names = {value for value in constants if isinstance(value, str)} & known
        if names:
            found[path.relative_to(ROOT / "mdetools" / folder).as_posix()] = names
    return found


def test_the_model_class_knows_no_quantity_by_name():
    found = strings_in("models")
    assert not {"estimator.py", "data_preprocessor.py", "frozen_network.py", "postprocess/flip_averaging.py"} & set(
        found
    )
    assert found["postprocess/splitting.py"] == {"intrinsics", "baseline", "depth"}  # metres from a camera


def test_hooks_and_loops_know_no_quantity_by_name():
    allowed = {"panels.py", "baseline.py"}  # pictures of depth; the constant predictor of depth
    assert set(strings_in("engine")) <= allowed
