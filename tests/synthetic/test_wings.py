"""Which wing of the synthetic package may import which: raycast <- rooms, streets, sensors <- worlds <- writers."""

import ast
from pathlib import Path

import pytest

import mdetools.synthetic

PACKAGE = Path(mdetools.synthetic.__file__).parent
SCENES = {"rooms", "streets", "sensors"}
ALLOWED = {
    "raycast": set(),
    **dict.fromkeys(SCENES, {"raycast"}),
    "worlds": {"raycast", "rooms", "streets"},
    "writers": {"raycast", "worlds"} | SCENES,
}


def imported_wings(source):
    """The wings that a module imports from, anywhere in it."""
    wings = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        wings |= {name.split(".")[2] for name in names if name.startswith("mdetools.synthetic.")}
    return wings


def test_these_are_all_the_wings():
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} == set(ALLOWED)
    assert [path.name for path in PACKAGE.glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("wing", sorted(ALLOWED))
def test_wings_import_one_way(wing):
    for path in (PACKAGE / wing).glob("*.py"):
        assert imported_wings(path.read_text()) <= ALLOWED[wing] | {wing}, path


def test_a_wrong_direction_is_seen():
    source = "def f():\n    import mdetools.synthetic.rooms.room\n\nfrom mdetools.synthetic.raycast import Box"
    assert imported_wings(source) == {"rooms", "raycast"}
    assert imported_wings("from mdetools.synthetic import streets") == {"streets"}
