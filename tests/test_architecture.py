"""Who may import whom, and what every module has."""

import ast
import statistics
import sys

import pytest
from support.paths import ROOT

from mdetools import registry

PACKAGE = ROOT / "mdetools"
MODULES = sorted(PACKAGE.rglob("*.py"))

BASE = {"registry", "errors", "files", "reading", "progress", "contract", "geometry", "layouts", "weights"}
PARTS = {"models", "datasets", "evaluation", "visualization"}
# What a part of mdetools may import besides itself.
ALLOWED = {
    "errors": set(),
    "files": {"errors"},
    "reading": {"errors", "files"},
    "progress": set(),
    "geometry": set(),
    "registry": {"errors"},
    "contract": {"errors", "geometry"},
    "layouts": {"errors", "files", "reading", "geometry"},
    "weights": {"errors", "files", "reading", "registry", "contract"},
    **dict.fromkeys(PARTS, BASE),
    "engine": BASE | PARTS,
    "apis": BASE | PARTS | {"engine"},
    "synthetic": {"errors", "files", "progress", "geometry", "layouts"},
    "commands": {"errors", "engine"},
    "__main__": {"commands"},
    "testing": {"errors", "contract", "registry", "geometry"},
}


def name_of(module):
    """`geometry/intrinsics.py` for the file of `mdetools.geometry.intrinsics`."""
    return module.relative_to(PACKAGE).as_posix()


def part_of(module):
    """`geometry` for `mdetools/geometry/intrinsics.py`, `registry` for `mdetools/registry.py`."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(source):
    """Dotted names that a module imports, anywhere in it."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def forbidden(part, source):
    """The imports of a module of `part` that point the wrong way."""
    parts = [(name, name.split(".")[1]) for name in imports_of(source) if name.startswith("mdetools.")]
    return [name for name, imported in parts if imported != "__version__" and imported not in ALLOWED[part] | {part}]


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_imports_point_one_way(module):
    if module != PACKAGE / "__init__.py":
        assert forbidden(part_of(module), module.read_text()) == []


def test_wrong_directions_are_seen():
    assert forbidden("models", "from mdetools.datasets.base import BaseDataset") == [
        "mdetools.datasets.base.BaseDataset"
    ]
    assert forbidden("datasets", "def f():\n    import mdetools.engine.runner") == ["mdetools.engine.runner"]
    assert forbidden("engine", "from mdetools.apis import Inferencer") == ["mdetools.apis.Inferencer"]
    assert forbidden("geometry", "from mdetools import registry") == ["mdetools.registry"]
    assert forbidden("engine", "from mdetools.models import Estimator\nfrom mdetools import __version__") == []
    assert forbidden("synthetic", "from mdetools.contract import FIELDS") == ["mdetools.contract.FIELDS"]


@pytest.mark.parametrize(
    "module",
    [*sorted((PACKAGE / "geometry").rglob("*.py")), *sorted((PACKAGE / "evaluation" / "functional").rglob("*.py"))],
    ids=name_of,
)
def test_pure_parts_need_torch_and_numpy_alone(module):
    allowed = {"torch", "numpy", *sys.stdlib_module_names}
    for name in imports_of(module.read_text()):
        assert name.split(".")[0] in allowed or name.startswith(
            ("mdetools.geometry.", "mdetools.evaluation.functional.")
        ), name


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_every_module_says_what_it_is_and_what_is_public(module):
    tree = ast.parse(module.read_text())
    if not tree.body:
        assert module.name == "__init__.py"
        return
    assert ast.get_docstring(tree), "no docstring"
    defines = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ImportFrom)]
    public = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "__all__"
    ]
    assert len(public) == bool(defines or public), "no __all__"
    if public:
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        names |= {
            alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
        }
        names |= {
            getattr(target, "id", None) for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
        }
        names |= {node.target.id for node in tree.body if isinstance(node, ast.AnnAssign)}
        assert set(public[0]) <= names


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_public_things_are_documented_and_functions_fit_a_screen(module):
    tree = ast.parse(module.read_text())
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    functions = [node for scope in (tree, *classes) for node in scope.body if isinstance(node, ast.FunctionDef)]
    for node in [*classes, *functions]:
        if not node.name.startswith("_") and node.name != "forward":
            assert ast.get_docstring(node), f"{node.name} has no docstring"
    for node in functions:
        body = node.body[1:] if ast.get_docstring(node) else node.body
        lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
        assert lines <= 40, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_what_one_system_alone_has_is_imported_where_it_is_used(module):
    """Windows has none of these, and must be able to import everything."""
    posix = {"resource", "fcntl", "pwd", "grp", "termios", "tty", "pty", "syslog", "curses", "readline", "posix"}
    at_import = ast.Module(
        [node for node in ast.parse(module.read_text()).body if not isinstance(node, ast.FunctionDef)], []
    )
    assert not posix & {name.split(".")[0] for name in imports_of(ast.unparse(at_import))}


def test_files_are_short():
    lines = {name_of(module): module.read_text().count("\n") for module in MODULES if module.name != "__init__.py"}
    assert max(lines.values()) <= 250, max(lines, key=lines.get)
    assert statistics.median(lines.values()) <= 90


def components():
    """Every component of every registry of mdetools, with the registry."""
    registries = {key: value for key, value in vars(registry).items() if isinstance(value, registry.Registry)}
    for key, one in registries.items():
        one.names()  # imports what is not yet imported
        yield from (pytest.param(one, component, id=f"{key}.{name}") for name, component in one.module_dict.items())


@pytest.mark.parametrize(("one", "component"), list(components()))
def test_the_folder_is_the_registry(one, component):
    module = component.__module__
    if not module.startswith("mdetools."):
        return  # of a test or a plugin
    assert any(module.startswith(location) for location in one._locations)


def test_each_fact_has_one_home():
    """Helpers that were once written several times: the names stand in the one file that defines them."""
    homes = {
        "get_close_matches(": ["errors.py"],
        "os.fsync(": ["files.py"],
        "align_corners=True": ["geometry/resizing.py", "models/heads/dpt_head.py"],  # DPT's own way inside the head
        "HIGHER_IS_BETTER": [],
        "MDETOOLS_TOLD": [],
    }
    for text, home in homes.items():
        assert [name_of(module) for module in MODULES if text in module.read_text()] == home
